import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

export const retrogradeScaling = defineDetector({
  meta: {
    id: 'retrograde-scaling',
    title: 'More concurrency, less throughput',
    category: 'cpu',
    requires: ['scale'],
    explainedBy: [
      'cgroup-cpu-throttling',
      'worker-per-request',
      'thread-per-request',
      'process-per-request',
      'noisy-neighbour',
      'blocking-pool-explosion',
      'event-loop-block-cpu',
      'deadlock-or-stuck',
      'allocator-lock',
      'synchronous-logger-lock',
      'lock-held-across-blocking',
      'write-lock-on-read-path',
      'hot-cache-lock',
      'lock-convoy',
      'global-mutex',
      'spinlock-burn',
      'oversubscription',
      'memory-per-thread',
      'gc-pressure',
    ],
    unpaired: 'in thread-per-query, which shows it, worker-per-request explains it',
    thresholds: {
      peak: {
        default: 0.7,
        unit: 'ratio',
        description: 'where the fitted law has its peak, of the most connections measured, at the most',
        source: 'holdup: the fall past it was then measured, not predicted',
      },
      fall: {
        default: 0.1,
        unit: 'ratio',
        description: 'throughput at the most connections under the best one: warning',
        source: 'holdup: twice the 5 % by which neighbours change a step',
      },
      fallCritical: {
        default: 0.33,
        unit: 'ratio',
        description: 'the same: critical',
        source: 'holdup: to stay at the peak would bring 1.5 × the throughput',
      },
    },
  },

  detect({ signals: { scale }, limits }) {
    const { fit, limit } = scale
    if (!fit) return { missing: ['steps with four different numbers of connections'] }
    const ramp = scale.points.filter(({ of, clientBusy }) => of === 'ramp' && !clientBusy).toSorted((a, b) => a.n - b.n)
    const last = ramp.at(-1)
    if (!last || limit.kind === 'client') return []
    const best = ramp.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))
    const fall = (best.perSecond - last.perSecond) / best.perSecond
    const [kappaLow, kappaHigh] = fit.intervals.kappa
    const severity = severityAt(fall, limits.fall, limits.fallCritical)
    if (!severity || fit.peak === null || fit.peak > limits.peak * last.n || kappaLow <= 0) return []
    const evidence: Evidence[] = [
      { name: 'throughput lost past the best', value: fall, unit: 'ratio', limit: limits.fall, fidelity: 'exact' },
      {
        name: 'peak of the fitted law',
        value: fit.peak,
        unit: 'connections',
        limit: limits.peak * last.n,
        fidelity: 'exact',
      },
      {
        name: 'crosstalk κ',
        value: fit.kappa,
        unit: '',
        fidelity: 'exact',
        note: `${kappaLow.toExponential(1)} to ${kappaHigh.toExponential(1)}`,
      },
      { name: 'contention σ', value: fit.sigma, unit: '', fidelity: 'exact' },
    ]
    return [
      {
        severity,
        summary: `Throughput is ${formatRatio(fall)} under its best (limit ${formatRatio(limits.fall)}) with ${formatNumber(last.n)} connections: ${formatNumber(last.perSecond)} requests/s, after ${formatNumber(best.perSecond)} with ${formatNumber(best.n)}.`,
        cost: { threadsHeldUp: null, gain: best.perSecond / last.perSecond },
        evidence,
        where: [],
        advice: `Let no more than about ${formatNumber(Math.round(fit.peak))} requests be at work at once, and the others wait in a queue of the process: that alone keeps throughput at its peak. Then look for what each pair of requests costs: shared cache lines and counters, locks with many waiters, more threads than cores, caches that no longer fit. ${limit.summary}`,
      },
    ]
  },
})
