import { isThrottled } from '../analysis/cgroup.ts'
import type { RunQueue, Switches } from '../analysis/cpu-signals.ts'
import type { ThreadGroup } from '../analysis/signals.ts'
import { formatNumber, type Milliseconds } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'

export const oversubscription = defineDetector({
  meta: {
    id: 'oversubscription',
    title: 'More threads that compute than cores',
    category: 'threads',
    requires: ['runQueue', 'cpu', 'quality'],
    optional: ['switches', 'threadTime', 'cgroup'],
    explainedBy: [
      'cgroup-cpu-throttling',
      'noisy-neighbour',
      'worker-per-request',
      'process-per-request',
      'spinlock-burn',
    ],
    thresholds: {
      runnablePerCore: {
        default: 4,
        unit: 'threads per core',
        description: 'threads on CPU or waiting for a core, on average: warning',
        source:
          'holdup: each gets a quarter of a core at the most; as many workers as cores, with the threads of V8 and libuv beside them, stay under it',
      },
      queuedPerCore: {
        default: 8,
        unit: 'threads per core',
        description: 'threads that wait for a core: critical',
        source: 'holdup: a thread waits eight times as long as it runs',
      },
      stayMs: {
        default: 1,
        unit: 'ms',
        description: 'mean stay in the run queue; below it nothing is found',
        source:
          'the shortest turn that Linux gives a thread, 0.75 ms times 1 + log2 of the cores: threads of shorter turns end their piece of work in one',
      },
    },
  },

  detect({ signals: { runQueue, cpu, quality, switches, threadTime, cgroup }, limits }) {
    const runnable = runQueue.runnableThreads / cpu.available
    const queued = runQueue.threadSecondsPerSecond / cpu.available
    if (runnable < limits.runnablePerCore) return []
    const stayMs = switches ? meanStayMs(runQueue, switches) : null
    if (stayMs !== null && stayMs < limits.stayMs) return []
    // The kernel counts those that it has stopped among those that wait; where holdup uses up the limit too, nothing else says so.
    if (cgroup?.shared && isThrottled(cgroup)) return { missing: ['a run queue that no CPU limit stopped'] }

    const { fidelity } = runQueue
    const evidence: Evidence[] = [
      { name: 'runnable', value: runnable, unit: 'threads per core', limit: limits.runnablePerCore, fidelity },
      { name: 'waiting for a core', value: queued, unit: 'threads per core', limit: limits.queuedPerCore, fidelity },
      { name: 'cores used', value: cpu.cores, unit: 'cores', fidelity: cpu.fidelity },
    ]
    if (switches && stayMs !== null) {
      evidence.push(
        { name: 'mean stay in the queue', value: stayMs, unit: 'ms', limit: limits.stayMs, fidelity },
        {
          name: 'involuntary context switches',
          value: switches.involuntaryPerSecond,
          unit: 'per second',
          fidelity: switches.fidelity,
        },
      )
    }
    const group = mostQueued(threadTime ?? [])
    if (group) {
      evidence.push({
        name: 'of them waiting',
        value: group.seconds.runnable / quality.windowSeconds,
        unit: 'threads',
        fidelity,
        note: `${group.group}, ${group.threads} in all`,
      })
    }
    return [
      {
        severity: queued >= limits.queuedPerCore ? 'critical' : 'warning',
        summary: `${formatNumber(runQueue.runnableThreads)} threads on average want to run on ${formatNumber(cpu.available)} cores, ${formatNumber(runnable)} a core (limit ${formatNumber(limits.runnablePerCore)}): ${formatNumber(runQueue.threadSecondsPerSecond)} of them stand in the run queue.`,
        cost: { threadsHeldUp: runQueue.threadSecondsPerSecond, gain: null },
        evidence,
        where: [],
        advice:
          'Make the pool as large as the cores it may use: os.availableParallelism(), std::thread::available_parallelism(), or the limit of the container. Let further jobs wait in a queue of the process, in order, where they cost no context switch and no memory.',
      },
    ]
  },
})

/** By Little's law: threads in the queue over the rate at which they enter it, which is that at which they leave a core. */
function meanStayMs({ threadSecondsPerSecond }: RunQueue, switches: Switches): Milliseconds | null {
  const perSecond = switches.voluntaryPerSecond + switches.involuntaryPerSecond
  return perSecond > 0 ? (threadSecondsPerSecond / perSecond) * 1000 : null
}

function mostQueued(groups: readonly ThreadGroup[]): ThreadGroup | undefined {
  return groups.toSorted((a, b) => b.seconds.runnable - a.seconds.runnable)[0]
}
