import { describe, expect, it } from 'vitest'
import type { ThreadGroup } from '../../src/analysis/signals.ts'
import { poolExhausted } from '../../src/detectors/pool-exhausted.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { alone, crowd, findingOf, type Ills, lock, resultOf, signals, verdictOf } from '../support/signals.ts'

/** Thread time of a group over the window of 10 s; what is not named of it is idle. */
function group(name: string, threads: number, seconds: Partial<ThreadGroup['seconds']>): ThreadGroup {
  const none = { onCpu: 0, runnable: 0, lockWait: 0, idleWait: 0, ioWait: 0, sleeping: 0, unknown: 0 }
  const taken = Object.values(seconds).reduce((sum, each) => sum + each, 0)
  return { group: name, threads, seconds: { ...none, idleWait: threads * 10 - taken, ...seconds } }
}

/** A pool of four threads that wait for something else for most of the time, and 32 requests in flight. */
const pool = (seconds: Partial<ThreadGroup['seconds']> = {}, others: Ills = {}): Ills => ({
  threadTime: [group('query', 4, { onCpu: 5, ioWait: 34, ...seconds }), group('front', 1, { onCpu: 1 })],
  http: { inFlightMean: 32 },
  cpu: { cores: 0.6, available: 2 },
  neighbours: { spans: crowd(10, { idle: 1.2 }) },
  acceptQueue: null,
  ...others,
})

/** Eight processes that each accept and serve. */
const workers = (queue: Ills['acceptQueue'] = {}, others: Ills = {}): Ills =>
  pool(
    {},
    {
      threadTime: [],
      http: null,
      acceptQueue: { waiting: 40, seconds: 10, opened: 16, threads: 8, ...queue },
      ...others,
    },
  )

describe('limits of a queue inside of the program', () => {
  it.each([
    ['all threads taken', pool(), 'warning'],
    ['as many wait as are served', pool({}, { http: { inFlightMean: 8 } }), 'warning'],
    ['just fewer', pool({}, { http: { inFlightMean: 7.9 } }), 'clean'],
    ['taken at the limit', pool({ onCpu: 5, ioWait: 31 }), 'warning'],
    ['just under it', pool({ onCpu: 5, ioWait: 30.9 }), 'clean'],
    ['half of it in calls', pool({ onCpu: 10, runnable: 10, ioWait: 20 }), 'warning'],
    ['just less of it', pool({ onCpu: 10, runnable: 10.1, ioWait: 19.9 }), 'clean'],
    ['half of the CPU', pool({ onCpu: 1, ioWait: 38 }), 'warning'],
    ['just less of it', pool({ onCpu: 0.99, ioWait: 38 }), 'clean'],
    ['just enough room', pool({}, { cpu: { cores: 1, available: 1.5 } }), 'warning'],
    ['just too little', pool({}, { cpu: { cores: 1, available: 1.49 } }), 'clean'],
    [
      'just too little, for holdup uses some of the quota',
      pool({}, { cpu: { cores: 1, available: 1.69 }, cgroup: { cores: 1.69, shared: true } }),
      'clean',
    ],
    ['cores that others use', pool({}, { neighbours: { spans: crowd(10, { idle: 0.2 }) } }), 'clean'],
    ['nobody knows how many are in flight', pool({}, { http: null }), 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(poolExhausted, ills)).toBe(expected)
  })
})

describe('limits of a queue at the door', () => {
  it.each([
    ['a queue that lasts', workers(), 'warning'],
    ['at the limit of time', workers({ seconds: 5 }), 'warning'],
    ['just under it', workers({ seconds: 4.9 }), 'clean'],
    ['less than a second', workers({ seconds: 0.9 }, { quality: { windowSeconds: 1 } }), 'clean'],
    ['just enough for each socket', workers({ waiting: 32 }), 'warning'],
    ['just too few', workers({ waiting: 31.9 }), 'clean'],
    ['as many wait as are served', workers({ waiting: 8, opened: 4 }), 'warning'],
    ['just fewer', workers({ waiting: 7.9, opened: 3 }), 'clean'],
    ['one thread: serial-server', workers({ threads: 1 }), 'clean'],
    ['sockets that cannot be seen', workers({ opened: null }), 'clean'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(poolExhausted, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a healthy service', {}],
    ['a pool as large as the load', pool({}, { http: { inFlightMean: 4.2 } })],
    ['a pool that computes on as many threads as cores', pool({ onCpu: 36, ioWait: 4 }, { cpu: { cores: 1.9 } })],
    ['a thread that writes the log for event loops', { threadTime: [group('logger', 1, { onCpu: 1, ioWait: 9 })] }],
    [
      'threads that listen to others, beside a loop that does the work',
      pool({}, { threadTime: [group('subscriber', 4, { ioWait: 40 }), group('loop', 1, { onCpu: 5 })] }),
    ],
    ['a thread for each connection', pool({}, { threadTime: [group('client', 32, { onCpu: 5, ioWait: 315 })] })],
    ['threads in the queue of a lock', pool({ ioWait: 8, lockWait: 27 })],
  ])('%s', (_, ills) => {
    expect(verdictOf(poolExhausted, ills)).toBe('clean')
  })
})

it('says how many wait for how many threads', () => {
  expect(findingOf(poolExhausted, pool()).summary).toBe(
    '28 requests on average wait for one of the 4 threads of the pool `query` (limit 1 for each): all are taken, by no lock, and 1.2 of 2 cores are free.',
  )
  expect(findingOf(poolExhausted, workers()).summary).toMatch(
    /^40 requests on average wait for one of the 8 threads of port 8080/,
  )
  expect(resultOf(poolExhausted, pool({}, { http: null })).missing).toEqual(['requests in flight'])
})

it('is evidence of the lock that its threads wait for', () => {
  const ills = pool(
    {},
    { lockWait: { threadSecondsPerSecond: 6, seconds: 60, ratio: 0.8, locks: [lock()] }, client: null },
  )
  const results = runDetectors(signals(ills))
  expect(results.find(({ id }) => id === 'pool-exhausted')?.missing).toEqual(['explained by global-mutex'])
})

describe('limits of a pool that no thread waits for', () => {
  const idle = { cores: 0.2, mainThread: 0.1, idleCores: 1.6 }
  const few = (growth: number, load: Parameters<typeof alone>[1] = {}, others: Ills = {}): Ills => ({
    acceptQueue: null,
    scale: null,
    cpu: { cores: 0.2, available: 2 },
    alone: alone(growth, { ...idle, ...load }),
    neighbours: { spans: crowd(10, { idle: 1.7 }) },
    ...others,
  })
  it.each([
    ['two at a time', few(2), 'warning'],
    ['nearly two at a time', few(1.75), 'warning'],
    ['one at a time', few(1.74), 'clean'],
    ['sixteen at a time', few(16, { n: 128 }), 'warning'],
    ['just more: a pool that was sized', few(16.1, { n: 128 }), 'clean'],
    ['twice as many wait as pass', few(10), 'warning'],
    ['just fewer', few(10.7), 'clean'],
    ['each connection by itself: a slow upstream', few(31.5), 'clean'],
    ['sixteen connections', few(2, { n: 16 }), 'warning'],
    ['fewer', few(2, { n: 15 }), 'clean'],
    ['CPU at the limit', few(2, { cores: 1, idleCores: 0.4 }), 'clean'],
    ['CPU at that with cores without work', few(2, { cores: 1.2, idleCores: 0.6 }), 'clean'],
    ['main thread at the limit', few(2, { mainThread: 0.5, idleCores: 0.4 }), 'clean'],
    ['busiest thread at the limit', few(2, { mainThread: null, busiestThread: 0.5, idleCores: 0.4 }), 'clean'],
    // 32 of the load, of which two are served and one waits for a core.
    ['answers that wait for an acknowledgement leave half', few(2, {}, { clientSockets: { unacked: 13 } }), 'warning'],
    ['just more of them', few(2, {}, { clientSockets: { unacked: 13.1 } }), 'clean'],
    ['cores that others use', few(2, {}, { neighbours: { spans: crowd(10, { idle: 0.09 }) } }), 'clean'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(poolExhausted, ills)).toBe(expected)
  })
})
