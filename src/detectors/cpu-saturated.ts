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
      thread: {
        default: 0.9,
        unit: 'ratio',
        description: 'share of a core that one thread is on CPU, of Node the main thread',
        source: 'holdup: what one thread does cannot use more than one core',
      },
    },
  },

  detect({ signals: { cpu, eventLoop, profiles }, limits }) {
    const share = cpu.cores / cpu.available
    const { busiestThread } = cpu
    const one = eventLoop ? (eventLoop.mainThreadCpu ?? 0) : (busiestThread?.cores ?? 0)
    const all = share >= limits.cores
    if (!all && one < limits.thread) return []
    const evidence: Evidence[] = [
      {
        name: 'cores used, of the available',
        value: share,
        unit: 'ratio',
        limit: limits.cores,
        fidelity: cpu.fidelity,
      },
    ]
    if (eventLoop || busiestThread)
      evidence.push({
        name: eventLoop ? 'main thread on CPU' : 'busiest thread on CPU',
        value: one,
        unit: 'ratio',
        limit: limits.thread,
        fidelity: eventLoop?.fidelity ?? cpu.fidelity,
      })
    const inUse = `the target uses ${formatNumber(cpu.cores)} of ${formatNumber(cpu.available)}`
    const busy = `is on CPU ${formatRatio(one)} of the time (limit ${formatRatio(limits.thread)})`
    return [
      {
        severity: 'info',
        summary: all
          ? `The target uses ${formatNumber(cpu.cores)} of ${formatNumber(cpu.available)} cores (${formatRatio(share)}, limit ${formatRatio(limits.cores)}): more requests need more cores, or less work for each.`
          : eventLoop
            ? `The main thread ${busy}, so its JavaScript gets no faster however many cores are free; ${inUse}.`
            : `One thread${busiestThread ? ` (${busiestThread.group})` : ''} ${busy}: what it does gets no faster however many cores are free; ${inUse}.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence,
        where: cpuPlaces(profiles, ({ main }) => all || !eventLoop || main),
        advice: all
          ? 'Nothing holds the service up but the work itself: look at the flamegraph for what to make cheaper, or add cores.'
          : eventLoop
            ? 'Run several processes (node:cluster, or more containers), or move work to a pool of worker threads.'
            : 'If requests need it, share its work among several threads or processes (uvicorn --workers, one event loop a core), or make it cheaper.',
      },
    ]
  },
})
