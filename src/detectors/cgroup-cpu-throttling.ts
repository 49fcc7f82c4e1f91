import { LONG, OFTEN } from '../analysis/cgroup.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { meanOf } from '../analysis/mean-span.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

export const cgroupCpuThrottling = defineDetector({
  meta: {
    id: 'cgroup-cpu-throttling',
    title: "Stopped by its control group's CPU limit",
    category: 'cpu',
    requires: ['cgroup'],
    optional: ['cpu', 'runQueue', 'neighbours'],
    unpaired: 'takes a control group of its own, and so root: test/e2e/cgroup.test.ts makes one where it may',
    thresholds: {
      share: {
        default: OFTEN,
        unit: 'ratio',
        description: 'periods in which the quota was used up, of those in which there was something to run: warning',
        source: 'holdup: the slowest request in a hundred, and many more, then met a stop',
      },
      shareCritical: {
        default: 0.25,
        unit: 'ratio',
        description: 'the same: critical',
        source: "Kubernetes' own alert, CPUThrottlingHigh of kubernetes-mixin, fires at 25 %",
      },
      stopped: {
        default: LONG,
        unit: 'ratio',
        description: 'of the time for which the run queues of the cores in use stood still, at the least',
        source:
          'holdup: one request in fifty then comes when nothing runs; a quota that is missed by a millisecond costs less',
      },
      periods: {
        default: 10,
        unit: 'periods',
        description: 'in which there was something to run, at the least',
        source: 'holdup: a second at the usual 100 ms; of fewer the share says nothing',
      },
      used: {
        default: 0.9,
        unit: 'ratio',
        description:
          'of the limit, what the target uses itself, at the least where holdup and its load run in the same group; else no verdict',
        source: 'holdup: with the load outside of the group the target would have the rest too',
      },
      own: {
        default: 0.1,
        unit: 'ratio',
        description:
          'of the limit, what holdup and its load use in the same group, at the least, for the limit above to count',
        source: 'holdup: as much as the target may leave',
      },
    },
  },

  detect({ signals: { cgroup, cpu, runQueue, neighbours }, limits }) {
    const { cores, name, periods, throttled, share, stopped, shared, fidelity } = cgroup
    // Without a limit nothing stops it.
    if (cores === null) return []
    const severity = severityAt(share, limits.share, limits.shareCritical)
    if (!severity || stopped < limits.stopped || periods < limits.periods) return []
    const own = shared && neighbours ? meanOf(neighbours.spans).own : 0
    if (own >= limits.own * cores && cpu !== null && cpu.cores < limits.used * cores)
      return { missing: ['a load from outside of its control group: with holdup it uses up the CPU limit'] }
    const evidence: Evidence[] = [
      {
        name: 'periods throttled',
        value: share,
        unit: 'ratio',
        limit: limits.share,
        fidelity,
        note: `${formatNumber(throttled)} of ${formatNumber(periods)}, by ${name}`,
      },
      { name: 'time for which it stood still', value: stopped, unit: 'ratio', limit: limits.stopped, fidelity },
      { name: 'CPU limit', value: cores, unit: 'cores', fidelity },
    ]
    if (cpu) evidence.push({ name: 'cores used', value: cpu.cores, unit: 'cores', fidelity: cpu.fidelity })
    if (runQueue)
      evidence.push({
        name: 'runnable, on CPU or not',
        value: runQueue.runnableThreads,
        unit: 'threads',
        fidelity: runQueue.fidelity,
      })
    return [
      {
        severity,
        summary: `In ${formatRatio(share)} of its periods (limit ${formatRatio(limits.share)}) the target had used up the ${formatNumber(cores)} cores that its control group allows, and all its threads stood still until the next one.`,
        cost: { threadsHeldUp: runQueue?.threadSecondsPerSecond ?? null, gain: null },
        evidence,
        where: [],
        advice:
          'Raise the limit (docker --cpus, resources.limits.cpu, CPUQuota=), or leave it out and ask for shares alone (requests.cpu, --cpu-shares). Where it must stay, run no more threads that compute than it allows, those of the runtime too: many that start together use up a period in its first milliseconds (GOMAXPROCS, -XX:ActiveProcessorCount, TOKIO_WORKER_THREADS, UV_THREADPOOL_SIZE, --v8-pool-size).',
      },
    ]
  },
})
