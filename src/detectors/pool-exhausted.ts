import type { AcceptQueue, Http, ThreadGroup } from '../analysis/signals.ts'
import { formatNumber, type Seconds } from '../units.ts'
import { defineDetector, type Evidence, type Limits } from './detector.ts'
import { freeCores, roomToGrow } from './free-cores.ts'
import { WAITING_THRESHOLDS, waitingClients } from './waiting-clients.ts'

const THRESHOLDS = {
  queue: {
    default: 1,
    unit: 'requests',
    description: 'that wait, for each thread of the pool, at the least',
    source: "Little's law: from there on a request waits for as long as it is then served",
  },
  busy: {
    default: 0.9,
    unit: 'ratio',
    description: "of the pool's time in which its threads run or are in calls that block, at the least",
    source: 'holdup: of a pool with threads to spare some wait for work',
  },
  blocked: {
    default: 0.5,
    unit: 'ratio',
    description: 'of its time in calls that block, at the least',
    source: 'holdup: a pool that mostly computes needs cores, not threads',
  },
  work: {
    default: 0.5,
    unit: 'ratio',
    description: "of the target's CPU that the pool uses, at the least",
    source: 'holdup: threads that log or listen to others stand in calls that block all the time too',
  },
  ...WAITING_THRESHOLDS,
  gain: {
    default: 1.5,
    unit: 'times',
    description: 'the throughput, that the free cores and the requests that wait would allow, at the least',
    source: 'holdup: a bound, and what the threads wait for may not bear more',
  },
} as const

/** A pool without a thread to spare, and the requests that wait for one. */
interface Exhausted {
  name: string
  threads: number
  waiting: number
  evidence: Evidence[]
}

export const poolExhausted = defineDetector({
  meta: {
    id: 'pool-exhausted',
    title: 'A pool without a thread to spare',
    category: 'threads',
    requires: ['threadTime', 'cpu', 'quality'],
    optional: ['http', 'acceptQueue', 'neighbours'],
    // What makes its threads, or holds them up, is the cause.
    explainedBy: [
      'cgroup-cpu-throttling',
      'worker-per-request',
      'thread-per-request',
      'process-per-request',
      'blocking-pool-explosion',
      'event-loop-block-cpu',
      'event-loop-block-sync',
      'libuv-pool-starvation',
      'deadlock-or-stuck',
      'async-runtime-blocked',
      'gil-contention',
      'allocator-lock',
      'synchronous-logger-lock',
      'lock-held-across-blocking',
      'write-lock-on-read-path',
      'hot-cache-lock',
      'lock-convoy',
      'global-mutex',
    ],
    thresholds: THRESHOLDS,
  },

  detect({ signals: { threadTime, cpu, quality, http, acceptQueue, neighbours }, limits }) {
    if (!http && !acceptQueue) return { missing: ['requests in flight'] }
    const window = quality.windowSeconds
    const exhausted = atTheDoor(acceptQueue, window, limits) ?? inside(threadTime, http, window, limits)
    if (!exhausted) return []
    const { name, threads, waiting, evidence } = exhausted
    const gain = Math.min((threads + waiting) / threads, roomToGrow(cpu, neighbours))
    if (waiting < limits.queue * threads || gain < limits.gain) return []
    const figure = { fidelity: 'sampled' as const }
    return [
      {
        severity: 'warning',
        summary: `${formatNumber(waiting)} requests on average wait for one of the ${formatNumber(Math.round(threads))} threads of ${name} (limit ${formatNumber(limits.queue)} for each): all are taken, by no lock, and ${formatNumber(freeCores(cpu, neighbours))} of ${formatNumber(cpu.available)} cores are free.`,
        cost: { threadsHeldUp: waiting, gain, unit: 'requests' },
        evidence: [
          { name: 'for each thread', value: waiting / threads, unit: 'requests', limit: limits.queue, ...figure },
          ...evidence,
          { name: 'throughput with more', value: gain, unit: 'times', limit: limits.gain, ...figure, note: 'at most' },
        ],
        where: [],
        advice:
          'Give the pool more threads, by rule of thumb cores × (1 + time in calls that block / time on CPU), and as many connections to what they wait for. If that bears no more (a database, say), the pool protects it: then make the calls faster or fewer (a cache, batches), or refuse early what would wait too long.',
      },
    ]
  },
})

/** Threads or processes that each accept a client and serve it: the rest waits in the kernel. */
function atTheDoor(
  queue: AcceptQueue | null,
  window: Seconds,
  limits: Limits<typeof WAITING_THRESHOLDS>,
): Exhausted | null {
  const evidence = queue && queue.threads > 1 ? waitingClients(queue, window, limits) : null
  return queue && evidence
    ? { name: `port ${queue.port}`, threads: queue.threads, waiting: queue.waiting, evidence }
    : null
}

/** Threads that are given requests which others have read: those in flight that none of them has. */
function inside(
  groups: readonly ThreadGroup[],
  http: Http | null,
  window: Seconds,
  limits: Limits<typeof THRESHOLDS>,
): Exhausted | null {
  const cpu = groups.reduce((sum, { seconds }) => sum + seconds.onCpu, 0)
  for (const { group, threads: count, seconds } of http ? groups : []) {
    const all = Object.values(seconds).reduce((sum, each) => sum + each, 0)
    const threads = all / window
    const [busy, blocked] = [(seconds.onCpu + seconds.runnable + seconds.ioWait) / all, seconds.ioWait / all]
    const work = seconds.onCpu / cpu
    if (count < 2 || busy < limits.busy || blocked < limits.blocked || work < limits.work) continue
    const figure = { unit: 'ratio', fidelity: 'sampled' as const }
    return {
      name: `the pool \`${group}\``,
      threads,
      waiting: (http?.inFlightMean ?? 0) - threads,
      evidence: [
        { name: 'its threads taken', value: busy, limit: limits.busy, ...figure },
        { name: 'in calls that block', value: blocked, limit: limits.blocked, ...figure },
        { name: "of the target's CPU", value: work, limit: limits.work, ...figure },
      ],
    }
  }
  return null
}
