import type { ThreadGroup } from '../analysis/signals.ts'
import { formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'

export const oversubscription = defineDetector({
  meta: {
    id: 'oversubscription',
    title: 'More threads that compute than cores',
    category: 'threads',
    requires: ['runQueue', 'cpu', 'quality'],
    optional: ['switches', 'threadTime'],
    explainedBy: ['cgroup-cpu-throttling', 'noisy-neighbour', 'worker-per-request', 'spinlock-burn'],
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
    },
  },

  detect({ signals: { runQueue, cpu, quality, switches, threadTime }, limits }) {
    const runnable = runQueue.runnableThreads / cpu.available
    const queued = runQueue.threadSecondsPerSecond / cpu.available
    if (runnable < limits.runnablePerCore) return []

    const { fidelity } = runQueue
    const evidence: Evidence[] = [
      { name: 'runnable', value: runnable, unit: 'threads per core', limit: limits.runnablePerCore, fidelity },
      { name: 'waiting for a core', value: queued, unit: 'threads per core', limit: limits.queuedPerCore, fidelity },
      { name: 'cores used', value: cpu.cores, unit: 'cores', fidelity: cpu.fidelity },
    ]
    if (switches) {
      evidence.push({
        name: 'involuntary context switches',
        value: switches.involuntaryPerSecond,
        unit: 'per second',
        fidelity: switches.fidelity,
      })
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

function mostQueued(groups: readonly ThreadGroup[]): ThreadGroup | undefined {
  return groups.toSorted((a, b) => b.seconds.runnable - a.seconds.runnable)[0]
}
