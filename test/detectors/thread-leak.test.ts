import { describe, expect, it } from 'vitest'
import { threadLeak } from '../../src/detectors/thread-leak.ts'
import { evidenceOf, findingOf, type Ills, resultOf, verdictOf } from '../support/signals.ts'

type Series = [number, number][]

/** A reading each 250 ms over 10 s, of seconds since the beginning. */
const series = (value: (seconds: number) => number): Series =>
  Array.from({ length: 41 }, (_, i) => [i * 250, value(i / 4)])

const threads = (live: Series, sockets: Series | null = series(() => 40)): Ills => ({
  threads: { series: live, sockets, fidelity: 'exact' },
})

describe('limits', () => {
  it.each([
    ['steady', () => 30, 'clean'],
    ['just under fifty more', (s: number) => 30 + 4.9 * s, 'clean'],
    ['fifty more', (s: number) => 30 + 5 * s, 'warning'],
    ['just under critical', (s: number) => 30 + 9.9 * s, 'warning'],
    ['at critical, and none has ended: perhaps a pool', (s: number) => 30 + 10 * s, 'warning'],
    ['more than any pool', (s: number) => 30 + 50 * s, 'critical'],
  ])('%s', (_, value, expected) => {
    expect(verdictOf(threadLeak, threads(series(value)))).toBe(expected)
  })

  it('at least one a second, in a long window', () => {
    const slow = (perSecond: number) =>
      threads(Array.from({ length: 101 }, (_, i): [number, number] => [i * 1000, 30 + perSecond * i]))
    const quality = { windowSeconds: 100 }
    expect(verdictOf(threadLeak, { ...slow(0.9), quality })).toBe('clean')
    expect(verdictOf(threadLeak, { ...slow(1), quality })).toBe('warning')
  })

  it('however slowly, where it is more than any pool', () => {
    const slow = (more: number) =>
      threads(Array.from({ length: 101 }, (_, i): [number, number] => [i * 36_000, 30 + (more * i) / 100]))
    const quality = { windowSeconds: 3600 }
    expect(verdictOf(threadLeak, { ...slow(499), quality })).toBe('clean')
    expect(verdictOf(threadLeak, { ...slow(500.5), quality })).toBe('warning')
  })

  it('critical where others of them end', () => {
    const live = series((s) => 30 + 10 * s)
    expect(verdictOf(threadLeak, { threads: { ...threads(live).threads, exited: 5 } })).toBe('critical')
  })
})

describe('look-alikes', () => {
  it.each([
    ['a pool that fills', (s: number) => 30 + 200 * (1 - Math.exp(-s))],
    ['a pool that fills in a straight line', (s: number) => 30 + 40 * Math.min(s, 5)],
    ['load that comes and goes', (s: number) => 100 + 10 * s + 80 * Math.sin(3 * s)],
    ['a single burst', (s: number) => (s < 5 ? 30 : 300)],
    ['threads that end', (s: number) => 300 - 20 * s],
  ])('%s', (_, value) => {
    expect(verdictOf(threadLeak, threads(series(value)))).toBe('clean')
  })

  it.each([
    ['a ramp of connections', (s: number) => 40 + 20 * s, 'clean'],
    ['half as many connections as threads', (s: number) => 40 + 10 * s, 'clean'],
    ['fewer', (s: number) => 40 + 9 * s, 'warning'],
  ])('%s', (_, sockets, expected) => {
    const live = series((s) => 30 + 20 * s)
    expect(verdictOf(threadLeak, threads(live, series(sockets)))).toBe(expected)
  })

  it('gives no verdict on growth where connections cannot be seen', () => {
    const leak = threads(
      series((s) => 30 + 20 * s),
      null,
    )
    expect(resultOf(threadLeak, leak).missing).toEqual(['open sockets, to tell threads of connections'])
  })
})

it('says how fast, which, and where they are created', () => {
  const creators = [{ stack: ['pthread_create (libc.so.6)', 'watch (main.rs:70)'], count: 200 }]
  const ills = threads(series((s) => 30 + 20 * s))
  const finding = findingOf(threadLeak, { threads: { ...ills.threads, creators, growingGroup: 'watch' } })
  expect(finding.summary).toContain(
    'grows by 20 a second (limit 1) in a straight line, 200 over the window, mostly watch',
  )
  expect(finding.summary).toContain('started in watch (main.rs:70)')
  expect(evidenceOf(finding, 'straightness (R²)')).toBe(1)
})
