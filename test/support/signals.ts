/** Signals of a healthy service, to be made ill one value at a time; and the verdict of one detector on them. */
import type {
  Http,
  Lock,
  MeasuredSignals,
  Neighbours,
  Profiles,
  RuntimePool,
  Alone,
  Scale,
  ScalePoint,
  SignalName,
  Signals,
  Stall,
  SyncCall,
} from '../../src/analysis/signals.ts'
import { fitUsl } from '../../src/analysis/scale/fit-usl.ts'
import type { Detector, DetectorResult, Finding, Severity } from '../../src/detectors/detector.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { addStack, createTree } from '../../src/stacks/call-tree.ts'

const MB = 1e6
const WINDOW_SECONDS = 10

/** A server with a pool of two workers on two cores, under the load of 32 connections. */
function healthy(): Signals {
  const seen = http({ source: 'agent', inFlightMean: 31 })
  return {
    quality: {
      recordedSeconds: 12,
      windowSeconds: WINDOW_SECONDS,
      droppedEvents: 0,
      keptEvents: 3000,
      lateSweeps: 0.01,
      cutOff: null,
      exit: { code: null, signal: 'SIGTERM' },
      endedByItself: false,
      crossChecks: [],
      profileSamples: 6000,
      requests: null,
    },
    cpu: { cores: 1.4, available: 2, probeCores: 0.03, busiestThread: null, fidelity: 'sampled' },
    cgroup: {
      cores: 2,
      name: '/sys/fs/cgroup/search',
      periods: 100,
      throttled: 3,
      share: 0.03,
      stopped: 0.002,
      shared: false,
      fidelity: 'exact',
    },
    neighbours: { cores: 2, spans: crowd(10), programs: [], fidelity: 'sampled' },
    memory: { rssPeakBytes: 170 * MB, rssMeanBytes: 160 * MB, fidelity: 'sampled', series: [] },
    threads: {
      peak: 13,
      mean: 13,
      created: 0,
      createdLow: 0,
      createdHigh: 0,
      exited: 0,
      createdPerSecond: 0,
      createdPerRequest: 0,
      lifetimeMs: null,
      creators: [],
      growingGroup: null,
      series: [],
      sockets: null,
      fidelity: 'sampled',
    },
    workers: {
      created: 0,
      exited: 0,
      createdPerRequest: 0,
      livePeak: 2,
      lifetimeMs: null,
      heapBytesEach: 18 * MB,
      creators: [],
      fidelity: 'exact',
    },
    processes: {
      created: 0,
      createdLow: 0,
      createdHigh: 0,
      createdPerRequest: 0,
      command: '',
      creators: [],
      fidelity: 'sampled',
    },
    switches: { voluntaryPerSecond: 2400, involuntaryPerSecond: 90, fidelity: 'sampled' },
    runQueue: { threadSecondsPerSecond: 0.4, runnableThreads: 1.8, fidelity: 'sampled' },
    lockWait: {
      seconds: 0,
      secondsLow: 0,
      secondsHigh: 0,
      threadSecondsPerSecond: 0,
      unclassifiedSeconds: 0,
      ratio: 0,
      byProcess: new Map(),
      fidelity: 'exact',
      locks: [],
    },
    eventLoop: {
      turnMs: { p50: 0.3, p90: 1.9, p99: 5.4, max: 8.2 },
      utilization: null,
      mainThreadCpu: 0.08,
      requestShare: 1,
      stallsOver50Ms: 0,
      blockedSeconds: 0,
      stalls: [],
      fidelity: 'sampled',
    },
    loops: { groups: [], fidelity: 'exact' },
    asyncRuntime: {
      workers: runtimePool(),
      blockingPool: runtimePool({ threads: 0, running: 0 }),
      loops: runtimePool({ threads: 0, peak: 0, running: 0 }),
      fidelity: 'sampled',
    },
    libuvPool: { pid: 1, jobs: 20, jobMs: { p50: 0.12, p90: 0.3, p99: 0.9, max: 0.9 }, fidelity: 'sampled' },
    spin: { share: 0.01, cores: 0.014, places: [], fidelity: 'sampled' },
    gc: {
      pauseSeconds: 0.04,
      share: 0.004,
      mainThreadShare: 0.001,
      stopsAll: false,
      longestMs: 11,
      typicalMs: 11,
      heapUsedPeakBytes: 46 * MB,
      fidelity: 'exact',
    },
    http: http({ source: 'client' }),
    httpServer: seen,
    connections: { opened: 32, perSecond: 3.2, requests: 2500, perRequest: 0.0128, fidelity: 'exact' },
    acceptQueue: {
      port: 8080,
      waiting: 0,
      peak: 0,
      seconds: 0,
      opened: 34,
      threads: 3,
      cores: 1.4,
      fidelity: 'sampled',
    },
    upstreams: { connections: 2, peers: [{ to: '127.0.0.1:4000', connections: 2 }], fidelity: 'sampled' },
    clientSockets: { open: 32, unacked: 1, fidelity: 'sampled' },
    client: {
      cores: 0.12,
      machineCores: 2,
      idleCores: 0.3,
      lagMs: { p50: 0, p90: 0, p99: 2, max: 6 },
      pacingMs: null,
      queuedPeak: null,
    },
    scale: scale(),
    alone: alone(),
    profiles: profiles(),
    offCpu: createTree(),
    threadTime: [
      {
        group: 'workers',
        threads: 2,
        seconds: { onCpu: 13, runnable: 3, lockWait: 0, idleWait: 4, ioWait: 0, sleeping: 0, unknown: 0 },
      },
    ],
  }
}

/** A load on cores that it fills, and one connection after it. */
export function alone(growth = 2.6, load: Partial<ScalePoint> = {}): Alone {
  const point = scalePoint(load)
  const perSecond = point.perSecond / growth
  const latencyMs = { mean: 10, stddev: 1, p50: 10, p90: 11, p99: 12, max: 14 }
  return { load: point, requests: perSecond, perSecond, latencyMs }
}

/** Steps of a service that uses all cores, the fewest connections first. */
export function scale(values: Partial<Scale> = {}): Scale {
  const points = [95, 180, 240, 248, 250, 249, 247].map((perSecond, step) => scalePoint({ n: 2 ** step, perSecond }))
  return {
    points,
    fit: fitUsl(points),
    ended: 'throughput stopped growing',
    limit: { kind: 'cores', summary: 'The cores limit.', n: 64, lock: null },
    capacity: null,
    ...values,
  }
}

/** One of them. */
export function scalePoint(values: Partial<ScalePoint> = {}): ScalePoint {
  return {
    n: 32,
    of: 'ramp',
    from: 0,
    to: 3000,
    perSecond: 250,
    latencyMs: { mean: 128, stddev: 40, p50: 120, p90: 190, p99: 260, max: 400 },
    errorShare: 0,
    holds: null,
    cores: 1.75,
    available: 2,
    idleCores: 0.05,
    clientCores: 0.1,
    mainThread: 0.1,
    busiestThread: null,
    runQueue: 1,
    threads: 13,
    createdPerRequest: 0,
    switchesPerRequest: 10,
    cpuMsPerRequest: 7,
    lock: null,
    clientBusy: false,
    ...values,
  }
}

/** Seconds of a machine on which holdup and its load leave little idle, and hardly anybody else runs. */
export function crowd(seconds: number, values: Partial<Neighbours['spans'][number]> = {}): Neighbours['spans'] {
  const second = { seconds: 1, own: 0.2, others: 0.03, stolen: 0, idle: 0.4, queued: 0.4, wanted: 1.8, ...values }
  return Array.from({ length: seconds }, () => second)
}

/** Two workers of an async runtime, which mostly run. */
export function runtimePool(values: Partial<RuntimePool> = {}): RuntimePool {
  const pool = { threads: 2, peak: 2, running: 1.6, inCalls: 0, inLocks: 0, calls: [], ...values }
  return { resting: Math.max(0, pool.threads - pool.running - pool.inCalls - pool.inLocks), ...pool }
}

/** Requests of the healthy service. */
export function http(values: Partial<Http> = {}): Http {
  return {
    requests: 2500,
    timeouts: 0,
    resets: 0,
    non2xx: 0,
    errors: 0,
    perSecond: 250,
    latencyMs: { mean: 128, stddev: 40, p50: 120, p90: 190, p99: 260, max: 400 },
    inFlightPeak: 32,
    inFlightMean: 32,
    source: 'client',
    ...values,
  }
}

/** Changed values by signal; null: not measured. */
export type Ills = {
  [S in SignalName]?: (Signals[S] extends readonly unknown[] ? Signals[S] : Partial<Signals[S]>) | null
}

/** The healthy service, but for the given values. */
export function signals(ills: Ills = {}): MeasuredSignals {
  const all: Record<string, unknown> = { ...healthy() }
  for (const [name, ill] of Object.entries(ills)) {
    all[name] = ill === null || Array.isArray(ill) ? ill : { ...(all[name] as object), ...ill }
  }
  return all as unknown as MeasuredSignals
}

/** What one detector answers on its own, by its limits: what a fix would buy is known only where holdup drove the load. */
export function resultOf(detector: Detector, ills: Ills = {}): DetectorResult {
  const [result] = runDetectors(signals({ client: null, ...ills }), {}, [detector])
  if (!result) throw new Error(`${detector.meta.id} gave no result`)
  return result
}

/** The severity of its finding, else its status. */
export function verdictOf(detector: Detector, ills: Ills = {}): Severity | DetectorResult['status'] {
  const { status, findings } = resultOf(detector, ills)
  return findings[0]?.severity ?? status
}

/** Its one finding; throws where there is none. */
export function findingOf(detector: Detector, ills: Ills = {}): Finding {
  const { status, missing, findings } = resultOf(detector, ills)
  const [finding] = findings
  if (!finding) throw new Error(`${detector.meta.id} is ${status}: ${missing.join(', ')}`)
  return finding
}

/** The value of a finding's evidence of that name. */
export function evidenceOf(finding: Finding, name: string): number | undefined {
  return finding.evidence.find((row) => row.name === name)?.value
}

export const SEARCH = 'search (/srv/app/search.mjs:40:10)'
export const HANDLER = 'onRequest (/srv/app/server.mjs:12:3)'

/** Stalls of `ms` that end at the given times, all in `search`, on CPU. */
export function stallsAt(times: readonly number[], ms: number, values: Partial<Stall> = {}): Stall[] {
  return times.map((t) => ({
    t,
    ms,
    pid: 10,
    cpuMs: ms,
    queuedMs: 0,
    gcMs: 0,
    cause: 'cpu',
    stacks: [{ stack: [SEARCH, HANDLER, 'emit (node:events:518:28)'], share: 1 }],
    ...values,
  }))
}

/** A contended mutex. */
export function lock(values: Partial<Lock> = {}): Lock {
  return {
    id: 'L1',
    kind: 'mutex',
    pid: 10,
    slot: '4:0',
    name: 'mutex waited for in lock (mutex.mjs:20), called by search',
    role: 'lock',
    because: 'every notify comes from a thread that waits for it too',
    waits: 900,
    waitSeconds: 60,
    heldUp: 6,
    waiterThreads: 16,
    holdPerSecond: 0.95,
    holdFidelity: 'exact',
    holdMs: 10,
    waitMs: { p50: 60, p90: 90, p99: 120, max: 200 },
    fidelity: 'exact',
    holderBlocked: null,
    writeShare: null,
    stuck: null,
    waiters: [{ stack: ['lock (/srv/app/mutex.mjs:20:5)', SEARCH], seconds: 60 }],
    holders: [{ stack: ['unlock (/srv/app/mutex.mjs:30:5)', SEARCH], share: 1 }],
    ...values,
  }
}

/** A synchronous call of the main thread, seen in a profile. */
export function syncCall(values: Partial<SyncCall> = {}): SyncCall {
  return {
    pid: 10,
    call: 'readFileSync (node:fs:448)',
    seconds: 1,
    longestMs: 30,
    calls: 40,
    stack: ['readFileSync (node:fs:448:20)', SEARCH, HANDLER],
    ...values,
  }
}

/** A CPU profile of the main thread, 5 ms a sample. */
export function profiles(syncCalls: SyncCall[] = []): Profiles {
  const tree = createTree()
  addStack(tree, [HANDLER, SEARCH], 800)
  return { sampleMs: 5, threads: [{ pid: 10, tid: 10, group: 'main', main: true, tree }], syncCalls }
}
