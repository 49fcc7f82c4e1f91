import { describe, expect, it } from 'vitest'
import { serialServer } from '../../src/detectors/serial-server.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { crowd, findingOf, type Ills, resultOf, signals, verdictOf } from '../support/signals.ts'

/** One thread that serves on one core of two, of a window of 10 s. */
const serial = (queue: Ills['acceptQueue'] = {}, others: Ills = {}): Ills => ({
  acceptQueue: { waiting: 30, peak: 31, seconds: 10, opened: 2, threads: 1, cores: 0.6, ...queue },
  cpu: { cores: 0.7, available: 2 },
  neighbours: { spans: crowd(10, { idle: 1 }) },
  ...others,
})

describe('limits', () => {
  it.each([
    ['a queue that lasts', serial(), 'critical'],
    ['at the limit of time', serial({ seconds: 5 }), 'critical'],
    ['just under it', serial({ seconds: 4.9 }), 'clean'],
    ['at a second', serial({ seconds: 1 }, { quality: { windowSeconds: 2 } }), 'critical'],
    ['less than a second', serial({ seconds: 0.9 }, { quality: { windowSeconds: 1 } }), 'clean'],
    ['just enough that wait, for its sockets', serial({ waiting: 20, opened: 10 }), 'critical'],
    ['just too few', serial({ waiting: 19.9, opened: 10 }), 'clean'],
    ['two threads that serve', serial({ threads: 2 }), 'clean'],
    ['just under critical', serial({}, { cpu: { cores: 1.36 } }), 'warning'],
    ['just enough room', serial({}, { cpu: { cores: 1.8 } }), 'warning'],
    ['hardly any room', serial({}, { cpu: { cores: 1.85 } }), 'clean'],
    ['cores that others use', serial({}, { neighbours: { spans: crowd(10, { idle: 0.05 }) } }), 'clean'],
    ['only one that waits', serial({ waiting: 0.2, opened: 0 }), 'clean'],
    ['sockets that cannot be seen', serial({ opened: null }), 'not-applicable'],
    ['a target that listens on no port', { acceptQueue: null }, 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(serialServer, ills)).toBe(expected)
  })

  it('of neighbours nobody needs to know', () => {
    expect(verdictOf(serialServer, serial({}, { neighbours: null }))).toBe('critical')
  })
})

describe('look-alikes', () => {
  it.each([
    ['low load', serial({ waiting: 0.1, seconds: 0.4 })],
    ['an event loop whose clients come anew for each request', serial({ waiting: 16, opened: 16, cores: 1 })],
    ['a server that uses every core', serial({}, { cpu: { cores: 2 } })],
    ['connections that all come at once, and are accepted', serial({ waiting: 2, peak: 400, seconds: 0.3 })],
  ])('%s', (_, ills) => {
    expect(verdictOf(serialServer, ills)).toBe('clean')
  })
})

it('says how many wait', () => {
  expect(findingOf(serialServer, serial()).summary).toBe(
    '30 connections on average wait until they are accepted on port 8080, for 10 s (limit 1 s): one thread serves, one client after the other, and 1 of 2 cores are free.',
  )
  expect(resultOf(serialServer, serial({ opened: null })).missing).toEqual(['sockets of the processes that listen'])
})

it('is evidence of a thread that is made for each request', () => {
  const made = { created: 2500, createdLow: 2500, createdHigh: 2500, createdPerSecond: 250, createdPerRequest: 1 }
  const results = runDetectors(signals(serial({}, { threads: { ...made, exited: 2500 } })))
  const { missing } = results.find(({ id }) => id === 'serial-server') ?? {}
  expect(missing).toEqual(['explained by thread-per-request'])
})
