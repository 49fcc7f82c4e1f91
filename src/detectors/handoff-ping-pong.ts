import type { Lock } from '../analysis/signals.ts'
import { formatNumber } from '../units.ts'
import { defineDetector } from './detector.ts'
import { WAIT_CPU_MS } from './gain.ts'

const PLACES = 3

export const handoffPingPong = defineDetector({
  meta: {
    id: 'handoff-ping-pong',
    title: 'A request that changes threads again and again',
    category: 'threads',
    requires: ['lockWait', 'switches', 'quality'],
    // Waits that have a name of their own.
    explainedBy: [
      'no-load',
      'worker-per-request',
      'process-per-request',
      'thread-per-request',
      'pool-thrash',
      'thundering-herd',
    ],
    thresholds: {
      handoffs: {
        default: 10,
        unit: 'per request',
        description: 'times that a thread which waited for work, or for an answer of another thread, is woken',
        source: 'holdup: a pool wakes one thread for a request, and one for its answer',
      },
      switches: {
        default: 10,
        unit: 'per request',
        description: 'voluntary context switches',
        source: 'holdup: each of these waits is one; with fewer they were spun through',
      },
      cores: {
        default: 0.02,
        unit: 'cores',
        description: 'CPU of these waits, at 4 µs each, at the least',
        source: 'holdup: threads that look for work by the clock need less, however few requests there are',
      },
      lockWait: {
        default: 0.25,
        unit: 'ratio',
        description: 'lock wait of the threads that use locks, of their wait, CPU and run-queue time, at the most',
        source: 'holdup: with more, a lock is what requests wait for',
      },
    },
  },

  detect({ signals: { lockWait, switches, quality }, limits }) {
    const { requests, windowSeconds } = quality
    const places = lockWait.locks.filter(({ role, waits }) => role === 'idle' && (waits ?? 0) > 0)
    const waits = places.reduce((sum, lock) => sum + (lock.waits ?? 0), 0)
    const cores = (waits / windowSeconds) * (WAIT_CPU_MS / 1000)
    if (cores < limits.cores || lockWait.ratio > limits.lockWait) return []
    if (requests === null) return { missing: ['requests to count the waits against'] }
    const each = (count: number) => count / Math.max(1, requests)
    const handoffs = each(waits)
    const switched = each(switches.voluntaryPerSecond * windowSeconds)
    if (handoffs < limits.handoffs || switched < limits.switches) return []
    const { fidelity } = lockWait
    const busiest = places.toSorted((a, b) => (b.waits ?? 0) - (a.waits ?? 0)).slice(0, PLACES)
    const perRequest = (lock: Lock) => each(lock.waits ?? 0)
    return [
      {
        severity: 'info',
        summary: `Each request wakes a thread ${formatNumber(handoffs)} times (limit ${formatNumber(limits.handoffs)}), most often at the ${busiest[0]?.name ?? ''}: it is handed from one thread to another in small pieces, each with two context switches.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence: [
          { name: 'hand-overs', value: handoffs, unit: 'per request', limit: limits.handoffs, fidelity },
          {
            name: 'voluntary switches',
            value: switched,
            unit: 'per request',
            limit: limits.switches,
            fidelity: switches.fidelity,
          },
          { name: 'CPU of these waits, about', value: cores, unit: 'cores', limit: limits.cores, fidelity: 'sampled' },
          { name: 'share of lock wait', value: lockWait.ratio, unit: 'ratio', limit: limits.lockWait, fidelity },
          ...busiest.map((lock) => ({
            name: `hand-overs at ${lock.id}`,
            value: perRequest(lock),
            unit: 'per request',
            fidelity: lock.fidelity,
            note: lock.name,
          })),
        ],
        where: busiest.flatMap(({ waiters: [waiter] }) => (waiter ? [{ role: 'waiters', stack: waiter.stack }] : [])),
        advice:
          'Hand over more at a time: a batch in place of a piece, or the whole request to one thread that takes it from start to end. Where a stage does less than a few µs, call it rather than pass it a message.',
      },
    ]
  },
})
