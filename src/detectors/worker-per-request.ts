import { isApplication, shortFrame } from '../analysis/frames.ts'
import { formatMs, formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

const PLACES = 2

export const workerPerRequest = defineDetector({
  meta: {
    id: 'worker-per-request',
    title: 'A worker thread per request',
    category: 'threads',
    requires: ['workers', 'quality'],
    optional: ['runQueue', 'cpu'],
    thresholds: {
      perRequest: {
        default: 0.05,
        unit: 'per request',
        description: 'workers created: warning',
        source:
          'holdup: a pool creates none; half the limit for threads, for each worker brings a V8 isolate of its own',
      },
      perRequestCritical: {
        default: 0.5,
        unit: 'per request',
        description: 'the same: critical',
        source: 'holdup: every second request pays for a worker',
      },
      perSecond: {
        default: 1,
        unit: 'per second',
        description: 'workers created, at the least',
        source: 'holdup: under it the creations themselves cost little',
      },
      exited: {
        default: 0.5,
        unit: 'ratio',
        description: 'of those created, how many ended in the same window; under it they may fill a pool',
        source: 'holdup: the workers of a pool stay',
      },
      poolPerCore: {
        default: 8,
        unit: 'workers per core',
        description: 'the largest pool; more are no pool, even if they have not ended yet',
        source: 'holdup: on an overloaded machine workers end late, and half as many are oversubscription already',
      },
    },
  },

  detect({ signals: { workers, quality, runQueue, cpu }, limits }) {
    if (workers.created === 0) return []
    if (workers.createdPerRequest === null) return { missing: ['requests to count the workers against'] }
    const { createdPerRequest, created, exited, lifetimeMs, fidelity } = workers
    const perSecond = created / quality.windowSeconds
    const severity = severityAt(createdPerRequest, limits.perRequest, limits.perRequestCritical)
    const fillsPool = exited < created * limits.exited && created <= limits.poolPerCore * (cpu?.available ?? Infinity)
    if (!severity || perSecond < limits.perSecond || fillsPool) return []

    const evidence: Evidence[] = [
      { name: 'workers created', value: createdPerRequest, unit: 'per request', limit: limits.perRequest, fidelity },
      { name: 'workers created', value: perSecond, unit: 'per second', limit: limits.perSecond, fidelity },
      { name: 'workers alive at peak', value: workers.livePeak, unit: 'workers', fidelity },
    ]
    if (lifetimeMs) evidence.push({ name: 'lifetime, p50', value: lifetimeMs.p50, unit: 'ms', fidelity })
    const creator = workers.creators[0]?.stack.find(isApplication)
    return [
      {
        severity,
        summary: `Workers are created at a rate of ${formatNumber(createdPerRequest)} per request (limit ${formatNumber(limits.perRequest)}), ${formatNumber(perSecond)} a second${lifetimeMs ? `, each living for ${formatMs(lifetimeMs.p50)}` : ''}${creator ? `, in ${shortFrame(creator)}` : ''}: each starts a thread and a V8 isolate, loads its modules, and throws all of it away.`,
        cost: { threadsHeldUp: runQueue?.threadSecondsPerSecond ?? null, gain: null },
        evidence,
        where: workers.creators
          .slice(0, PLACES)
          .map(({ stack, count }) => ({ role: 'created at', stack, share: count / created })),
        advice:
          'Create os.availableParallelism() workers at start-up and send them the jobs (piscina does it). If a request mostly waits for I/O, it needs no worker: let it await on the event loop.',
      },
    ]
  },
})
