/** What whole reports are made of by hand, after real ones. */
import type { PackedTree, Report, ReportFinding, ReportResult } from '../../src/report/model.ts'
import { addStack, createTree, type CallTree } from '../../src/stacks/call-tree.ts'
import { rankedFindings } from '../../src/report/ranked-findings.ts'
import { summarise } from '../../src/report/summary.ts'

type Signals = Report['signals']
type Http = NonNullable<Signals['http']>

const WINDOW_SECONDS = 8
export const RANK = 'rank (index.mjs:88:9)'
export const SEARCH = 'search (query-worker.mjs:44:18)'
export const ON_MESSAGE = 'MessagePort.<anonymous> (query-worker.mjs:12:3)'

const TITLES: Record<string, string> = {
  'global-mutex': 'One lock that every thread needs',
  'worker-per-request': 'A worker thread per request',
  'memory-per-thread': 'Memory that grows with the threads',
  oversubscription: 'More runnable threads than cores',
  'event-loop-block-cpu': 'Event loop blocked by computation',
  'gc-pressure': 'Garbage collection that stops the work',
  'cpu-saturated': 'All cores busy with real work',
  'no-load': 'No load while recording',
  'dropped-events': 'Events were dropped',
  'event-loop-block-sync': 'Event loop blocked by a synchronous call',
  'cgroup-cpu-throttling': 'Throttled by a CPU limit',
}

function result(id: string, findings: ReportFinding[] = [], missing: string[] = []): ReportResult {
  const status = findings.length > 0 ? 'found' : missing.length > 0 ? 'not-applicable' : 'clean'
  return { id, title: TITLES[id] ?? id, status, missing, findings }
}

/** Results for the named findings, every other detector clean, one not applicable. */
export function results(findings: Record<string, ReportFinding>): ReportResult[] {
  return Object.keys(TITLES).map((id) => {
    const found = findings[id]
    return result(id, found ? [found] : [], id === 'cgroup-cpu-throttling' ? ['cgroup'] : [])
  })
}

export function http(perSecond: number, mean: number, stddev: number, p50: number, p99: number): Http {
  return {
    requests: perSecond * WINDOW_SECONDS,
    timeouts: 0,
    resets: 0,
    non2xx: 0,
    errors: 0,
    perSecond,
    latencyMs: { mean, stddev, p50, p90: p50 + stddev, p99, max: p99 * 1.3 },
    inFlightPeak: 64,
    inFlightMean: (perSecond * mean) / 1000,
    source: 'client',
  }
}

const pack = (tree: CallTree, frames: string[]): PackedTree => {
  if (!frames.includes(tree.frame)) frames.push(tree.frame)
  return [frames.indexOf(tree.frame), tree.self, tree.total, tree.children.map((child) => pack(child, frames))]
}

export function flame(name: string, samples: [weight: number, ...rootFirst: string[]][]): Report['flames'][number] {
  const tree = createTree(name)
  for (const [weight, ...stack] of samples) addStack(tree, stack, weight)
  const frames: string[] = []
  return { name: `CPU: ${name}`, kind: 'cpu', unit: 'ms', frames, root: pack(tree, frames) }
}

/** A steady series that swings by a tenth, one point each 250 ms. */
export function timeline(id: string, title: string, unit: string, level: number): Report['timelines'][number] {
  const points = Array.from({ length: 41 }, (_, i): [number, number] => {
    const load = Math.min(1, i / 6)
    return [i * 250, level * load * (1 + Math.sin(i * 1.7) / 10)]
  })
  return { id, title, unit, points }
}

export const quantiles = (p50: number) => ({ p50, p90: p50 * 1.6, p99: p50 * 2.2, max: p50 * 2.9 })

export const state = (
  seconds: Partial<Report['threadTime'][number]['seconds']>,
): Report['threadTime'][number]['seconds'] => ({
  onCpu: 0,
  runnable: 0,
  lockWait: 0,
  idleWait: 0,
  ioWait: 0,
  sleeping: 0,
  unknown: 0,
  ...seconds,
})

/** The part that is alike in all: an async service at 900 requests/s with nothing wrong. */
export const base: Report = {
  schema: 'holdup-report/1',
  generated: { at: '2025-01-01T00:00:00.000Z', holdup: '0.1.0' },
  target: {
    pid: 4242,
    command: 'node fixtures/node/async/server.mjs',
    runtime: 'node',
    runtimeVersion: 'v20.20.2',
    children: 0,
    exit: { code: 0, signal: null },
  },
  host: { cores: 2, kernel: '6.18.0', platform: 'linux', cgroupCpuLimit: null },
  recording: {
    file: 'recording.ndjson.gz',
    seconds: 10,
    window: [2, 10],
    windowReason: 'start-up left out, until load was steady',
    cutOff: null,
    marks: [],
    crossChecks: [],
    probes: [
      {
        id: 'proc',
        fidelity: 'sampled',
        signals: ['cpu', 'memory', 'threads', 'switches', 'runQueue'],
        cost: { cpuSeconds: 0.05 },
        dropped: 0,
      },
      {
        id: 'node',
        fidelity: 'exact',
        signals: ['lockWait', 'workers', 'eventLoop', 'gc', 'http'],
        cost: { cpuSeconds: 0.11 },
        dropped: 0,
      },
    ],
  },
  summary: '',
  results: results({}),
  signals: {
    cpu: { cores: 1.42, available: 2, probeCores: 0.02, busiestThread: null, fidelity: 'sampled' },
    memory: { rssPeakBytes: 161e6, rssMeanBytes: 148e6, fidelity: 'sampled' },
    threads: {
      peak: 11,
      mean: 11,
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
      livePeak: 0,
      lifetimeMs: null,
      heapBytesEach: null,
      fidelity: 'exact',
    },
    processes: { created: 0, createdPerRequest: 0, fidelity: 'sampled' },
    switches: { voluntaryPerSecond: 2100, involuntaryPerSecond: 180, fidelity: 'sampled' },
    runQueue: { threadSecondsPerSecond: 0.11, runnableThreads: 1.5, fidelity: 'sampled' },
    lockWait: {
      seconds: 0,
      secondsLow: 0,
      secondsHigh: 0,
      threadSecondsPerSecond: 0,
      unclassifiedSeconds: 0,
      ratio: 0,
      fidelity: 'exact',
    },
    eventLoop: {
      turnMs: { p50: 0.9, p90: 1.8, p99: 4.2, max: 11 },
      utilization: null,
      mainThreadCpu: 0.71,
      stallsOver50Ms: 0,
      blockedSeconds: 0,
      fidelity: 'sampled',
    },
    loops: null,
    gc: {
      pauseSeconds: 0.1,
      share: 0.012,
      mainThreadShare: 0.012,
      longestMs: 3.1,
      heapUsedPeakBytes: 61e6,
      fidelity: 'exact',
    },
    client: null,
    http: http(905, 35, 13.7, 31, 71),
    httpServer: http(905, 33, 13.1, 30, 69),
  },
  threadTime: [
    { group: 'main', threads: 1, seconds: state({ onCpu: 5.7, runnable: 0.4, ioWait: 1.8, unknown: 0.1 }) },
    { group: 'libuv-worker', threads: 4, seconds: state({ onCpu: 0.2, idleWait: 31.7, unknown: 0.1 }) },
    { group: 'v8-worker', threads: 4, seconds: state({ onCpu: 0.6, runnable: 0.1, idleWait: 31.3 }) },
  ],
  scale: null,
  locks: [],
  workerCreators: [],
  timelines: [
    timeline('requests', 'Requests', 'per second', 905),
    timeline('latency', 'Latency p99', 'ms', 71),
    timeline('cpu', 'CPU', 'cores', 1.42),
    timeline('held-up', 'Threads held up by locks', 'threads', 0),
    timeline('loop-delay', 'Event-loop delay p99', 'ms', 4.2),
    timeline('threads', 'Threads', 'threads', 11),
    timeline('memory', 'Memory', 'bytes', 155e6),
  ],
  stacks: [{ name: 'CPU, main', file: 'stacks/cpu-4242-4242.cpuprofile', pid: 4242, tid: 4242, group: 'main' }],
  flames: [
    flame('main', [
      [3900, ON_MESSAGE, SEARCH, RANK],
      [600, ON_MESSAGE, SEARCH, RANK, 'score (index.mjs:120:3)'],
      [420, 'processTicksAndRejections (node:internal/process/task_queues:95:5)', 'fetchDocuments (store.mjs:41:7)'],
      [180, '(garbage collector)'],
      [900, '(program)'],
    ]),
  ],
}

export function report(changes: Partial<Report>): Report {
  const whole: Report = { ...base, ...changes }
  return { ...whole, summary: summarise(rankedFindings(whole.results), whole.signals) }
}

export const finding = (handle: string, changes: Partial<ReportFinding>): ReportFinding => ({
  handle,
  severity: 'critical',
  summary: '',
  cost: { threadsHeldUp: null, gain: null },
  evidence: [],
  where: [],
  advice: '',
  ...changes,
})

/** The same run, in which no detector came to a verdict. */
export function notJudged(report: Report): Report {
  const results = report.results.map((result) => ({ ...result, status: 'not-applicable' as const, findings: [] }))
  return { ...report, results }
}
