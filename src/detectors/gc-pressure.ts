import { formatBytes, formatMs, formatRatio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

const PLACES = 3

export const gcPressure = defineDetector({
  meta: {
    id: 'gc-pressure',
    title: 'Garbage collection stops the work',
    category: 'memory',
    requires: ['gc', 'quality'],
    optional: ['eventLoop', 'http'],
    explainedBy: ['worker-per-request'],
    thresholds: {
      share: {
        default: 0.05,
        unit: 'ratio',
        description: 'time of the worst thread in collection pauses: warning',
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

  detect({ signals: { gc, quality, eventLoop, http }, limits }) {
    const severity = severityAt(gc.share, limits.share, limits.shareCritical)
    if (!severity) return []
    const onMain = gc.mainThreadShare >= limits.share
    const share = onMain ? gc.mainThreadShare : gc.share
    const stopped = gc.pauseSeconds / quality.windowSeconds
    const stalls = (eventLoop?.stalls ?? []).filter(({ cause }) => cause === 'gc')

    const evidence: Evidence[] = [
      { name: 'share of the worst thread', value: gc.share, unit: 'ratio', limit: limits.share, fidelity: 'exact' },
      {
        name: 'share of the main thread',
        value: gc.mainThreadShare,
        unit: 'ratio',
        limit: limits.share,
        fidelity: 'exact',
      },
      { name: 'longest pause', value: gc.longestMs, unit: 'ms', fidelity: 'exact' },
    ]
    if (gc.heapUsedPeakBytes !== null)
      evidence.push({ name: 'heap used, peak', value: gc.heapUsedPeakBytes, unit: 'bytes' })
    if (stalls.length > 0) evidence.push({ name: 'event-loop stalls in it', value: stalls.length, unit: '' })
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
