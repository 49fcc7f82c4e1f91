import { formatNumber } from '../units.ts'
import { defineDetector } from './detector.ts'
import { BESIDE_ONE_THRESHOLDS } from './beside-one.ts'
import { fewAtOnce } from './few-at-once.ts'
import { freeCores, roomToGrow } from './free-cores.ts'
import { atTheDoor, inside } from './taken-pool.ts'
import { WAITING_THRESHOLDS } from './waiting-clients.ts'

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
  ...BESIDE_ONE_THRESHOLDS,
  unseenQueue: {
    default: 2,
    unit: 'requests',
    description: 'that wait for each that passes, where no thread is seen to, at the least',
    source:
      'holdup: a request then takes three times as long as alone; a pool that is well filled makes it wait once as long',
  },
  growth: {
    default: 1.75,
    unit: 'times',
    description: 'throughput of the load, of that of a single connection, at the least: so many requests pass at once',
    source: 'holdup: fewer are one at a time, which is async-mutex-serialisation',
  },
  growthMost: {
    default: 16,
    unit: 'times',
    description: 'the same, at the most',
    source: 'holdup: a pool of more has been sized by somebody, who may have meant it as a limit',
  },
  gain: {
    default: 1.5,
    unit: 'times',
    description: 'the throughput, that the free cores and the requests that wait would allow, at the least',
    source: 'holdup: a bound, and what the threads wait for may not bear more',
  },
} as const

export const poolExhausted = defineDetector({
  meta: {
    id: 'pool-exhausted',
    title: 'A pool with nothing to spare',
    category: 'threads',
    requires: ['threadTime', 'cpu', 'quality'],
    optional: ['http', 'acceptQueue', 'neighbours', 'cgroup', 'scale', 'alone', 'clientSockets'],
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
      'async-mutex-serialisation',
    ],
    thresholds: THRESHOLDS,
  },

  detect({ signals, limits }) {
    const { threadTime, cpu, quality, http, acceptQueue, neighbours, cgroup } = signals
    if (!http && !acceptQueue) return { missing: ['requests in flight'] }
    const window = quality.windowSeconds
    const taken = atTheDoor(acceptQueue, window, limits) ?? inside(threadTime, http, window, limits)
    if (!taken) return fewAtOnce(signals, limits)
    const { name, threads, waiting, evidence } = taken
    const gain = Math.min((threads + waiting) / threads, roomToGrow({ cpu, neighbours, cgroup }))
    if (waiting < limits.queue * threads || gain < limits.gain) return []
    const figure = { fidelity: 'sampled' as const }
    return [
      {
        severity: 'warning',
        summary: `${formatNumber(waiting)} requests on average wait for one of the ${formatNumber(Math.round(threads))} threads of ${name} (limit ${formatNumber(limits.queue)} for each): all are taken, by no lock, and ${formatNumber(freeCores({ cpu, neighbours, cgroup }))} of ${formatNumber(cpu.available)} cores are free.`,
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
