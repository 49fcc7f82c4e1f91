import type { ScalePoint } from '../analysis/signals.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'

/** What limits, by the scale's own judgement, that this is not. */
const OTHER_LIMITS: ReadonlySet<string> = new Set(['client', 'cores', 'one-thread', 'nothing', 'unknown'])

export const asyncMutexSerialisation = defineDetector({
  meta: {
    id: 'async-mutex-serialisation',
    title: 'Requests pass one at a time on an idle machine',
    category: 'locks',
    requires: ['scale'],
    optional: ['lockWait'],
    explainedBy: [
      'worker-per-request',
      'event-loop-block-sync',
      'deadlock-or-stuck',
      'async-runtime-blocked',
      'synchronous-logger-lock',
      'lock-held-across-blocking',
      'write-lock-on-read-path',
      'hot-cache-lock',
      'lock-convoy',
      'global-mutex',
    ],
    thresholds: {
      connections: {
        default: 16,
        unit: 'connections',
        description: 'the step that is held against the one with a single connection, or the next larger',
        source: 'holdup: as many cores as a server has, so that even one request a core would show',
      },
      growth: {
        default: 1.5,
        unit: 'times',
        description: 'throughput there, of that with a single connection, at the most',
        source: 'holdup: two requests at a time would bring 2',
      },
      cpu: {
        default: 0.5,
        unit: 'ratio',
        description: 'of the cores that the target may use, those it uses, at the most',
        source: 'holdup: from half on, twice the throughput would fill them',
      },
      mainThread: {
        default: 0.5,
        unit: 'ratio',
        description: 'share of a core that the main thread is on CPU, at the most',
        source: 'holdup: the same for a service of one thread',
      },
    },
  },

  detect({ signals: { scale, lockWait }, limits }) {
    const ramp = scale.points.filter(({ of, clientBusy }) => of === 'ramp' && !clientBusy).toSorted((a, b) => a.n - b.n)
    const one = ramp.find(({ n }) => n === 1)
    const many = ramp.find(({ n }) => n >= limits.connections)
    if (!one || !many) return { missing: [`steps with 1 and ${limits.connections} connections`] }
    const cpu = many.cores !== null && many.available !== null ? many.cores / many.available : null
    if (cpu === null) return { missing: ['cpu'] }
    const growth = many.perSecond / one.perSecond
    const mainThread = many.mainThread ?? 0
    const idle = cpu < limits.cpu && mainThread < limits.mainThread
    const otherwise = OTHER_LIMITS.has(scale.limit.kind) || threadsQueue(many)
    if (growth >= limits.growth || !idle || otherwise || one.perSecond === 0) return []

    const lock = lockWait?.locks.find(({ kind, heldUp }) => kind === 'promise-lock' && heldUp >= many.n / 2)
    const evidence: Evidence[] = [
      {
        name: 'throughput, of that with 1 connection',
        value: growth,
        unit: 'times',
        limit: limits.growth,
        fidelity: 'exact',
        note: `${formatNumber(one.perSecond)} requests/s with 1, ${formatNumber(many.perSecond)} with ${many.n}`,
      },
      { name: 'cores used, of the available', value: cpu, unit: 'ratio', limit: limits.cpu, fidelity: 'sampled' },
      { name: 'mean latency', value: many.latencyMs.mean, unit: 'ms', fidelity: 'exact' },
    ]
    if (many.mainThread !== null)
      evidence.push({
        name: 'main thread on CPU',
        value: mainThread,
        unit: 'ratio',
        limit: limits.mainThread,
        fidelity: 'sampled',
      })
    // With all but one of them in the queue.
    const waiting = Math.max(0, many.n - 1)
    return [
      {
        severity: lock ? 'critical' : 'warning',
        summary: `${many.n} connections get ${formatNumber(growth)} × the throughput of one (limit ${formatNumber(limits.growth)}) while the target uses ${formatRatio(cpu)} of its cores (limit ${formatRatio(limits.cpu)}): requests pass one at a time${lock ? ` through the ${lock.name}` : ''}.`,
        cost: { threadsHeldUp: lock?.heldUp ?? waiting, gain: null, unit: 'requests' },
        evidence,
        where: (lock?.waiters ?? []).slice(0, 2).map(({ stack }) => ({ role: 'waiters', stack })),
        advice:
          'Look for what only one request may be in across an await: an asynchronous mutex or semaphore of 1, a promise chain, a pool of one connection, or a service behind it that serves one at a time. Hold it for the shared state alone, never across I/O; or have one for each key.',
        ...(lock && { locks: [lock.id] }),
      },
    ]
  },
})

/** Threads in the queue of a lock: that is a finding of its own. */
function threadsQueue({ lock }: ScalePoint): boolean {
  return (
    lock !== null && lock.kind !== 'promise-lock' && lock.waiterThreads > 1 && lock.heldUp >= lock.waiterThreads / 2
  )
}
