import { formatNumber, formatRatio } from '../units.ts'
import { cpuPlaces } from './cpu-places.ts'
import { defineDetector, type Evidence } from './detector.ts'

export const cpuSaturated = defineDetector({
  meta: {
    id: 'cpu-saturated',
    title: 'All CPU in use',
    category: 'cpu',
    requires: ['cpu'],
    optional: ['eventLoop', 'profiles'],
    explainedBy: [
      'cgroup-cpu-throttling',
      'worker-per-request',
      'spinlock-burn',
      'oversubscription',
      'event-loop-block-cpu',
    ],
    unpaired: 'not a fault: the fixtures short-turns and cores-pool show it, beside faults that must not be found',
    thresholds: {
      cores: {
        default: 0.9,
        unit: 'ratio',
        description: 'cores used, of those the target may use',
        source: 'holdup: the rest is what other processes of the machine need',
      },
      mainThread: {
        default: 0.9,
        unit: 'ratio',
        description: 'share of a core that the main thread is on CPU',
        source: 'holdup: JavaScript of one thread cannot use more than one core',
      },
    },
  },

  detect({ signals: { cpu, eventLoop, profiles }, limits }) {
    const share = cpu.cores / cpu.available
    const main = eventLoop?.mainThreadCpu ?? 0
    const all = share >= limits.cores
    if (!all && main < limits.mainThread) return []
    const evidence: Evidence[] = [
      {
        name: 'cores used, of the available',
        value: share,
        unit: 'ratio',
        limit: limits.cores,
        fidelity: cpu.fidelity,
      },
    ]
    if (eventLoop)
      evidence.push({
        name: 'main thread on CPU',
        value: main,
        unit: 'ratio',
        limit: limits.mainThread,
        fidelity: eventLoop.fidelity,
      })
    return [
      {
        severity: 'info',
        summary: all
          ? `The target uses ${formatNumber(cpu.cores)} of ${formatNumber(cpu.available)} cores (${formatRatio(share)}, limit ${formatRatio(limits.cores)}): more requests need more cores, or less work for each.`
          : `The main thread is on CPU ${formatRatio(main)} of the time (limit ${formatRatio(limits.mainThread)}), so its JavaScript gets no faster however many cores are free; the target uses ${formatNumber(cpu.cores)} of ${formatNumber(cpu.available)}.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence,
        where: cpuPlaces(profiles, ({ main }) => all || main),
        advice: all
          ? 'Nothing holds the service up but the work itself: look at the flamegraph for what to make cheaper, or add cores.'
          : 'Run several processes (node:cluster, or more containers), or move work to a pool of worker threads.',
      },
    ]
  },
})
