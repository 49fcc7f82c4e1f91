import { isApplication, shortFrame } from '../analysis/frames.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'

const PLACES = 2

export const blockingPoolExplosion = defineDetector({
  meta: {
    id: 'blocking-pool-explosion',
    title: 'A blocking pool that grows with the load',
    category: 'threads',
    requires: ['asyncRuntime', 'cpu'],
    thresholds: {
      perCore: {
        default: 8,
        unit: 'threads per core',
        description: 'threads of the pool, on average, at the least, unless it is full',
        source: 'holdup: more than a pool that is bounded on purpose',
      },
      threads: {
        default: 64,
        unit: 'threads',
        description: 'the same: warning',
        source: 'holdup: their stacks and switches begin to show',
      },
      cap: {
        default: 500,
        unit: 'threads',
        description: 'the same: critical',
        source: "Tokio's default of max_blocking_threads is 512: what comes then waits in a queue without an end",
      },
      blocked: {
        default: 0.5,
        unit: 'ratio',
        description: 'time of its threads in calls that block or in queues of locks, at the least',
        source: 'holdup: else most rest until Tokio ends them, 10 s after a burst',
      },
    },
  },

  detect({ signals: { asyncRuntime, cpu }, limits }) {
    const { blockingPool: pool, fidelity } = asyncRuntime
    const blocked = pool.inCalls + pool.inLocks
    const share = blocked / Math.max(pool.threads, 1)
    const perCore = pool.threads / cpu.available
    const isFull = pool.threads >= limits.cap
    if (pool.threads < limits.threads || share < limits.blocked || (perCore < limits.perCore && !isFull)) return []

    const [first] = pool.calls
    const place = first?.stack.find(isApplication)
    return [
      {
        severity: isFull ? 'critical' : 'warning',
        summary: `The pool for blocking calls has ${formatNumber(pool.threads)} threads on average (limit ${formatNumber(limits.threads)}), ${formatNumber(perCore)} a core, and ${formatRatio(share)} of their time they stand in ${first ? first.call : 'calls that block'}${place ? ` of ${shortFrame(place)}` : ''}.`,
        cost: { threadsHeldUp: blocked, gain: null },
        evidence: [
          { name: 'threads of the pool', value: pool.threads, unit: 'threads', limit: limits.threads, fidelity },
          { name: 'for each core', value: perCore, unit: 'threads per core', limit: limits.perCore, fidelity },
          { name: 'blocked', value: share, unit: 'ratio', limit: limits.blocked, fidelity },
        ],
        where: pool.calls.slice(0, PLACES).map(({ call, stack, threads }) => ({
          role: `blocked in ${call}`,
          stack,
          share: Math.min(1, threads / Math.max(blocked, threads)),
        })),
        advice:
          'Bound how many such calls run at a time by a tokio::sync::Semaphore that is acquired before spawn_blocking, so that the others wait as tasks; better, use an async client. What runs for long gets a thread of its own.',
      },
    ]
  },
})
