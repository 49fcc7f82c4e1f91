import type { RunQueue } from '../analysis/signals.ts'
import { formatBytes, formatMs, formatRatio, type Ratio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

const PLACES = 3

export const gcPressure = defineDetector({
  meta: {
    id: 'gc-pressure',
    title: 'Garbage collection stops the work',
    category: 'memory',
    requires: ['gc', 'quality'],
    optional: ['eventLoop', 'http', 'runQueue'],
    explainedBy: ['worker-per-request'],
    thresholds: {
      share: {
        default: 0.05,
        unit: 'ratio',
        description: 'time of the worst thread in collection pauses, what of it had a core: warning',
        source: 'holdup: one request in twenty meets a pause',
      },
      shareCritical: {
        default: 0.2,
        unit: 'ratio',
        description: 'the same: critical',
        source: 'holdup: a fifth of what the thread could do',
      },
    },
  },

  detect({ signals: { gc, quality, eventLoop, http, runQueue }, limits }) {
    const hadCore = coreShare(runQueue)
    const [worst, main] = [gc.share * hadCore, gc.mainThreadShare * hadCore]
    const severity = severityAt(worst, limits.share, limits.shareCritical)
    if (!severity) return []
    const onMain = main >= limits.share
    const share = onMain ? main : worst
    const stopped = (gc.pauseSeconds * hadCore) / quality.windowSeconds
    const stalls = (eventLoop?.stalls ?? []).filter(({ cause }) => cause === 'gc')

    // Corrected by a sampled figure an exact one is sampled too.
    const fidelity = hadCore === 1 ? gc.fidelity : 'sampled'
    const evidence: Evidence[] = [
      { name: 'share of the worst thread', value: worst, unit: 'ratio', limit: limits.share, fidelity },
      { name: 'share of the main thread', value: main, unit: 'ratio', limit: limits.share, fidelity },
      { name: 'pauses that had a core', value: hadCore, unit: 'ratio', fidelity: 'sampled' },
      { name: 'longest pause', value: gc.longestMs, unit: 'ms', fidelity: gc.fidelity },
    ]
    if (gc.heapUsedPeakBytes !== null)
      evidence.push({ name: 'heap used, peak', value: gc.heapUsedPeakBytes, unit: 'bytes', fidelity: 'sampled' })
    if (stalls.length > 0)
      evidence.push({ name: 'event-loop stalls in it', value: stalls.length, unit: '', fidelity: 'sampled' })
    const heap = gc.heapUsedPeakBytes === null ? '' : `, over a heap of ${formatBytes(gc.heapUsedPeakBytes)}`
    return [
      {
        severity,
        summary: `Garbage collection stops ${onMain ? 'the main thread' : 'a thread'} ${formatRatio(share)} of the time (limit ${formatRatio(limits.share)}), for up to ${formatMs(gc.longestMs)} at once${heap}.`,
        cost: { threadsHeldUp: Math.max(stopped, onMain && http ? share * http.inFlightMean : 0), gain: null },
        evidence,
        where: stalls
          .toSorted((a, b) => b.ms - a.ms)
          .flatMap(({ stacks }) => stacks.slice(0, 1))
          .slice(0, PLACES)
          .map(({ stack }) => ({ role: 'allocates when it is stopped', stack })),
        advice:
          'Allocate less per request: do not copy what can be read in place, stream large JSON, keep big caches out of the heap (Buffers). Short-lived garbage: a larger young generation, --max-semi-space-size=64. A heap near its limit: --max-old-space-size.',
      },
    ]
  },
})

/** Of the time that the target's threads had work, the share for which they had a core: pauses too wait for one. */
function coreShare(runQueue: RunQueue | null): Ratio {
  if (!runQueue || runQueue.runnableThreads === 0) return 1
  return 1 - runQueue.threadSecondsPerSecond / runQueue.runnableThreads
}
