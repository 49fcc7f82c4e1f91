import { describe, expect, it } from 'vitest'
import { targetCrashed } from '../../src/detectors/target-crashed.ts'
import { findingOf, verdictOf, type Ills } from '../support/signals.ts'

const ended = (code: number | null, signal: string | null = null): Ills => ({
  quality: { exit: { code, signal }, endedByItself: true, recordedSeconds: 4.2 },
})

describe('limits', () => {
  it.each([
    ['exit code 0', ended(0), 'clean'],
    ['exit code 1', ended(1), 'critical'],
    ['SIGKILL', ended(null, 'SIGKILL'), 'critical'],
    ['SIGSEGV through a shell', ended(139), 'critical'],
    ['SIGTERM that holdup did not send', ended(null, 'SIGTERM'), 'warning'],
    ['the same through a shell', ended(143), 'warning'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(targetCrashed, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['holdup ended it', { quality: { exit: { code: null, signal: 'SIGKILL' }, endedByItself: false } }],
    ['still running', { quality: { exit: null, endedByItself: false } }],
    ['its end was not seen', { quality: { exit: null, endedByItself: true } }],
    ['it went without a word', ended(null)],
  ])('%s', (_, ills) => {
    expect(verdictOf(targetCrashed, ills)).toBe('clean')
  })
})

describe('finding', () => {
  it.each([
    [ended(1), 'The target crashed after 4.2 s, with code 1', 'stderr'],
    [ended(null, 'SIGKILL'), 'The target crashed after 4.2 s, by SIGKILL', 'out-of-memory killer'],
    [ended(134), 'The target crashed after 4.2 s, with code 134', '--max-old-space-size'],
    [ended(143), 'The target was ended by SIGTERM after 4.2 s', 'supervisor'],
  ])('%#: %s', (ills, beginning, advice) => {
    const finding = findingOf(targetCrashed, ills)
    expect(finding.summary).toContain(beginning)
    expect(finding.advice).toContain(advice)
  })

  it('costs the requests that were in flight', () => {
    expect(findingOf(targetCrashed, ended(1)).cost.threadsHeldUp).toBe(32)
  })
})
