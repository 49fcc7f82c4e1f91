import { isApplication, shortFrame } from '../analysis/frames.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

export const spinlockBurn = defineDetector({
  meta: {
    id: 'spinlock-burn',
    title: 'CPU burnt in waiting for a lock',
    category: 'locks',
    requires: ['spin', 'cpu'],
    optional: ['runQueue'],
    explainedBy: ['thread-per-request', 'allocator-lock', 'lock-held-across-blocking', 'lock-convoy', 'global-mutex'],
    thresholds: {
      share: {
        default: 0.2,
        unit: 'ratio',
        description: 'CPU of the target in loops that wait for another thread: warning',
        source: 'holdup: what a mutex that spins before it sleeps costs under honest contention stays under a tenth',
      },
      shareCritical: {
        default: 0.5,
        unit: 'ratio',
        description: 'the same: critical',
        source: 'holdup: without the loops the same cores would do twice the work',
      },
      cores: {
        default: 0.25,
        unit: 'cores',
        description: 'used by these loops, at the least',
        source: 'holdup: less costs nobody anything',
      },
    },
  },

  detect({ signals: { spin, cpu, runQueue }, limits }) {
    const severity = severityAt(spin.share, limits.share, limits.shareCritical)
    if (!severity || spin.cores < limits.cores) return []
    const [{ stack } = { stack: [] }] = spin.places
    const frame = stack.find(isApplication) ?? stack[0]
    const { fidelity } = spin
    const evidence: Evidence[] = [
      { name: 'CPU in waiting loops', value: spin.share, unit: 'ratio', limit: limits.share, fidelity },
      { name: 'cores in waiting loops', value: spin.cores, unit: 'cores', limit: limits.cores, fidelity },
      { name: 'cores used', value: cpu.cores, unit: 'cores', fidelity: cpu.fidelity },
    ]
    if (runQueue) {
      evidence.push({
        name: 'threads that wait for a core',
        value: runQueue.threadSecondsPerSecond,
        unit: 'threads',
        fidelity: runQueue.fidelity,
        note: 'the holder of the lock may be among them',
      })
    }
    return [
      {
        severity,
        summary: `${formatRatio(spin.share)} of the CPU goes into loops that only wait for another thread (limit ${formatRatio(limits.share)}), ${formatNumber(spin.cores)} of ${formatNumber(cpu.available)} cores${frame === undefined ? '' : `, most in ${shortFrame(frame)}`}.`,
        cost: { threadsHeldUp: spin.cores, gain: null },
        evidence,
        where: spin.places.map((place) => ({ role: 'spinning', ...place })),
        advice:
          'Use a mutex that sleeps (std::mutex, parking_lot, pthread_mutex): a thread that spins takes the core from the one that holds the lock. Hold it for less: copy what is needed and work outside, or split it. A spinlock only pays where it is held for some 100 ns, by fewer threads than cores.',
        spinning: spin.cores,
      },
    ]
  },
})
