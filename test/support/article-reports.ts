/** Whole reports: the article's three designs, a recording too poor to judge, and a hostile one. */
import type { Report } from '../../src/report/model.ts'
import {
  base,
  finding,
  flame,
  http,
  ON_MESSAGE,
  quantiles,
  RANK,
  report,
  results,
  SEARCH,
  state,
  timeline,
} from './report.ts'

const LOCK = 'acquire (mutex.mjs:31:13)'
const SPAWN = 'spawnWorker (spawn-worker.mjs:19:10)'

/** The healthy design: async, bounded, no thread per query. */
export const asyncDesign: Report = report({})

/** Sixteen workers behind one mutex. */
export const mutexPool: Report = report({
  target: { ...base.target, command: 'node fixtures/node/mutex-pool/server.mjs' },
  results: results({
    'global-mutex': finding('F1', {
      summary: 'One lock holds up 14.2 of 16 threads on average (limit 0.5): the slot of acquire (mutex.mjs:31:13).',
      cost: { threadsHeldUp: 14.2, gain: null },
      evidence: [
        { name: 'threads held up', value: 14.2, unit: '', limit: 0.5, fidelity: 'exact' },
        { name: 'lock-wait ratio', value: 0.93, unit: 'ratio', limit: 0.1, fidelity: 'exact' },
        { name: 'held', value: 0.98, unit: 's/s', limit: 0.9, fidelity: 'exact', note: '1 = serial' },
        { name: 'wait p99', value: 212, unit: 'ms', fidelity: 'exact' },
      ],
      where: [
        { role: 'waiters', stack: [LOCK, SEARCH, ON_MESSAGE], share: 1 },
        { role: 'holder', stack: [RANK, SEARCH, ON_MESSAGE, 'MessagePort.emit (node:events:518:28)'], share: 0.97 },
      ],
      advice:
        'Hold the lock for the shared write only, not for the whole query; an index that is only read needs none.',
    }),
    oversubscription: finding('F2', {
      severity: 'info',
      summary: 'Sixteen workers share 2 cores; 0.3 threads wait for one (limit 16).',
      cost: { threadsHeldUp: 0.3, gain: null },
      evidence: [{ name: 'run queue', value: 0.3, unit: 'threads', limit: 16, fidelity: 'sampled' }],
      advice: 'No need to act while the queue is short.',
    }),
  }),
  signals: {
    ...base.signals,
    cpu: { cores: 1.09, available: 2, probeCores: 0.04, busiestThread: null, fidelity: 'sampled' },
    memory: { rssPeakBytes: 640e6, rssMeanBytes: 611e6, fidelity: 'sampled' },
    threads: {
      peak: 91,
      mean: 91,
      created: 0,
      createdLow: 0,
      createdHigh: 0,
      exited: 0,
      createdPerSecond: 0,
      createdPerRequest: 0,
      lifetimeMs: null,
      fidelity: 'sampled',
    },
    workers: {
      created: 0,
      exited: 0,
      createdPerRequest: 0,
      livePeak: 16,
      lifetimeMs: null,
      heapBytesEach: 21e6,
      fidelity: 'exact',
    },
    lockWait: {
      seconds: 113.6,
      secondsLow: 113.1,
      secondsHigh: 114,
      threadSecondsPerSecond: 14.2,
      unclassifiedSeconds: 0,
      ratio: 0.93,
      fidelity: 'exact',
    },
    http: http(402, 158, 57, 149, 287),
    httpServer: http(402, 156, 56, 148, 285),
  },
  threadTime: [
    { group: 'main', threads: 1, seconds: state({ onCpu: 0.6, ioWait: 7.3, unknown: 0.1 }) },
    {
      group: 'query-worker',
      threads: 16,
      seconds: state({ onCpu: 7.8, runnable: 2.4, lockWait: 113.6, idleWait: 3.1, unknown: 1.1 }),
    },
    { group: 'libuv-worker', threads: 4, seconds: state({ idleWait: 32 }) },
  ],
  locks: [
    {
      id: 'L2',
      kind: 'mutex',
      pid: 4242,
      address: null,
      slot: '64:0',
      name: 'Atomics.wait in nextJob (pool.mjs:27:13)',
      role: 'idle',
      because: 'Its notifiers never wait for it: a queue of work.',
      waits: 3216,
      waitSeconds: 3.1,
      heldUp: 0.39,
      waiterThreads: 16,
      holdPerSecond: null,
      waitMs: quantiles(0.8),
      holderBlocked: null,
      waiters: [{ stack: ['nextJob (pool.mjs:27:13)'], seconds: 3.1 }],
      holders: [],
    },
    {
      id: 'L1',
      kind: 'mutex',
      pid: 4242,
      address: null,
      slot: '4:0',
      name: `Atomics.wait in ${LOCK}`,
      role: 'lock',
      because: 'Those who notify it also wait for it and take it by compareExchange on waking.',
      waits: 3204,
      waitSeconds: 113.6,
      heldUp: 14.2,
      waiterThreads: 16,
      holdPerSecond: 0.98,
      waitMs: quantiles(96),
      holderBlocked: null,
      waiters: [{ stack: [LOCK, SEARCH, ON_MESSAGE], seconds: 113.6 }],
      holders: [{ stack: [RANK, SEARCH, ON_MESSAGE], share: 0.97 }],
    },
  ],
  timelines: base.timelines.map((line) =>
    line.id === 'held-up' ? timeline('held-up', line.title, line.unit, 14.2) : line,
  ),
  flames: [
    flame('query-worker', [
      [6900, ON_MESSAGE, SEARCH, RANK],
      [700, ON_MESSAGE, SEARCH, RANK, 'score (index.mjs:120:3)'],
      [160, ON_MESSAGE, SEARCH, LOCK],
    ]),
    ...base.flames,
  ],
})

/** A worker for every query. */
export const threadPerQuery: Report = report({
  target: { ...base.target, command: 'node fixtures/node/thread-per-query/server.mjs' },
  results: results({
    'worker-per-request': finding('F1', {
      summary: 'Every request creates a worker thread: 1 per request (limit 0.05), alive for 61 ms in the median.',
      cost: { threadsHeldUp: 23.9, gain: null },
      evidence: [
        { name: 'workers per request', value: 1, unit: '', limit: 0.05, fidelity: 'exact' },
        { name: 'lifetime p50', value: 61, unit: 'ms', fidelity: 'exact' },
      ],
      where: [
        {
          role: 'created at',
          stack: [SPAWN, 'answer (answer.mjs:22:9)', 'Server.emit (node:events:518:28)'],
          share: 1,
        },
      ],
      advice:
        'Keep a bounded pool of workers, or answer on the main thread: starting an isolate costs more than a query.',
    }),
    'memory-per-thread': finding('F2', {
      severity: 'warning',
      summary: 'Each live thread costs 17.2 MB (limit 1 MB).',
      evidence: [{ name: 'memory per thread', value: 17.2e6, unit: 'bytes', limit: 1e6, fidelity: 'sampled' }],
      where: [],
      advice: 'Fewer threads at once; see worker-per-request.',
    }),
  }),
  signals: {
    ...base.signals,
    cpu: { cores: 1.93, available: 2, probeCores: 0.08, busiestThread: null, fidelity: 'sampled' },
    memory: { rssPeakBytes: 1.31e9, rssMeanBytes: 1.12e9, fidelity: 'sampled' },
    threads: {
      peak: 74,
      mean: 66,
      created: 264,
      createdLow: 264,
      createdHigh: 264,
      exited: 250,
      createdPerSecond: 33,
      createdPerRequest: 1,
      lifetimeMs: null,
      fidelity: 'exact',
    },
    workers: {
      created: 264,
      exited: 250,
      createdPerRequest: 1,
      livePeak: 64,
      lifetimeMs: quantiles(61),
      heapBytesEach: 12e6,
      fidelity: 'exact',
    },
    switches: { voluntaryPerSecond: 6900, involuntaryPerSecond: 2150, fidelity: 'sampled' },
    runQueue: { threadSecondsPerSecond: 23.9, runnableThreads: 25.8, fidelity: 'sampled' },
    eventLoop: {
      turnMs: { p50: 8, p90: 31, p99: 88, max: 140 },
      utilization: null,
      mainThreadCpu: 0.3,
      stallsOver50Ms: 9,
      blockedSeconds: 0.71,
      fidelity: 'sampled',
    },
    http: http(33, 1910, 640, 1820, 3300),
    httpServer: null,
    gc: null,
  },
  workerCreators: [{ stack: [SPAWN, 'answer (answer.mjs:22:9)', 'Server.emit (node:events:518:28)'], count: 264 }],
})

/** Nobody sent a request; events were dropped; the file ends early. */
export const unjudgeable: Report = report({
  target: { ...base.target, exit: { code: null, signal: 'SIGKILL' } },
  recording: {
    ...base.recording,
    seconds: 3.2,
    window: [2, 3.2],
    cutOff: 'the file ends in the middle of a line',
    probes: base.recording.probes.map((probe) => ({ ...probe, dropped: 1204, note: 'run with sudo for exact waits' })),
  },
  results: [
    ...results({
      'no-load': finding('F1', {
        severity: 'warning',
        summary: 'no request came in 1.2 s (needs 50)',
        advice: 'Drive load with --load URL.',
      }),
    }),
    {
      id: 'thread-leak',
      title: 'Threads that only grow',
      status: 'failed',
      missing: ['TypeError: x is undefined'],
      findings: [],
    },
  ],
  signals: Object.fromEntries(Object.keys(base.signals).map((name) => [name, null])) as unknown as Report['signals'],
  threadTime: [],
  timelines: [],
  flames: [],
  stacks: [],
})

/** Every text of `mutexPool` that a target can choose, replaced by `name`. */
export function hostile(name: string): Report {
  const { generated, recording, schema, signals, host } = mutexPool
  const spoil = (value: unknown, key = ''): unknown => {
    if (Array.isArray(value)) return value.map((item) => spoil(item, key))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, spoil(v, k)]))
    }
    const chosen = [
      'command',
      'summary',
      'stack',
      'name',
      'group',
      'frames',
      'advice',
      'title',
      'because',
      'slot',
      'note',
    ]
    return typeof value === 'string' && chosen.includes(key) ? name : value
  }
  return { ...(spoil(mutexPool) as Report), generated, recording, schema, signals, host }
}
