import { formatBytes, formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'
import { severityAt } from './severity.ts'

const PLACES = 2

export const memoryPerThread = defineDetector({
  meta: {
    id: 'memory-per-thread',
    title: 'Memory that grows with the number of threads',
    category: 'memory',
    requires: ['workers', 'memory', 'cpu'],
    explainedBy: ['worker-per-request', 'thread-leak', 'oversubscription'],
    thresholds: {
      bytesEach: {
        default: 1e6,
        unit: 'bytes',
        description: 'heap and external memory of a live worker, on average, at the least',
        source: 'holdup: less is the stack of a thread, not what it keeps',
      },
      surplusBytes: {
        default: 400e6,
        unit: 'bytes',
        description: 'memory of the workers beyond one for each core, at the least',
        source:
          'holdup: sixteen workers that keep nothing of their own take up to 300 MB; less is rarely worth a change',
      },
      share: {
        default: 0.25,
        unit: 'ratio',
        description: "the same, of the target's peak memory: warning",
        source: 'holdup: the service would do with three quarters of its memory',
      },
      shareCritical: {
        default: 0.5,
        unit: 'ratio',
        description: 'the same: critical',
        source: 'holdup: the service would do with half of its memory',
      },
    },
  },

  detect({ signals: { workers, memory, cpu }, limits }) {
    // A pool of as many workers as cores is what the advice would be.
    const surplus = Math.floor(workers.livePeak - cpu.available)
    if (surplus <= 0) return []
    const each = workers.heapBytesEach
    if (each === null) return { missing: ['heap size of the workers'] }
    const surplusBytes = surplus * each
    const share = surplusBytes / memory.rssPeakBytes
    const severity = severityAt(share, limits.share, limits.shareCritical)
    if (!severity || each < limits.bytesEach || surplusBytes < limits.surplusBytes) return []
    return [
      {
        severity,
        summary: `${formatNumber(workers.livePeak)} workers hold ${formatBytes(each)} each; those beyond the ${formatNumber(cpu.available)} cores make ${formatBytes(surplusBytes)}, ${formatRatio(Math.min(1, share))} of the peak memory (limit ${formatRatio(limits.share)}), and cannot run at the same time.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence: [
          { name: 'memory of a worker', value: each, unit: 'bytes', limit: limits.bytesEach, fidelity: 'sampled' },
          { name: 'workers alive at peak', value: workers.livePeak, unit: 'workers', fidelity: workers.fidelity },
          {
            name: 'memory beyond one worker a core',
            value: surplusBytes,
            unit: 'bytes',
            limit: limits.surplusBytes,
            fidelity: 'sampled',
          },
          { name: 'of the peak memory', value: share, unit: 'ratio', limit: limits.share, fidelity: 'sampled' },
          { name: 'peak memory', value: memory.rssPeakBytes, unit: 'bytes', fidelity: memory.fidelity },
        ],
        where: workers.creators.slice(0, PLACES).map(({ stack }) => ({ role: 'created at', stack })),
        advice:
          'Use as many workers as cores, and share what all of them read: put it into a SharedArrayBuffer, or into one worker that is asked. resourceLimits of new Worker() bounds what each may hold.',
      },
    ]
  },
})
