import { isThrottled } from '../analysis/cgroup.ts'
import type { ThreadGroup, ThreadState } from '../analysis/signals.ts'
import { formatBytes, formatMs, formatRatio, type Ratio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

const PLACES = 3

export const gcPressure = defineDetector({
  meta: {
    id: 'gc-pressure',
    title: 'Garbage collection stops the work',
    category: 'memory',
    requires: ['gc'],
    optional: ['eventLoop', 'http', 'threadTime', 'cgroup'],
    explainedBy: ['worker-per-request'],
    thresholds: {
      share: {
        default: 0.05,
        unit: 'ratio',
        description: 'collection pauses of the worst thread, of the time for which it did not wait for a core: warning',
        source: 'holdup: one request in twenty meets a pause',
      },
      shareAlone: {
        default: 0.09,
        unit: 'ratio',
        description: 'the same: a warning even where pauses are short; information under it',
        source: 'holdup: without the pauses a thread would do 1.1 × as much, as of locks',
      },
      typical: {
        default: 10,
        unit: 'ms',
        description:
          'half of the paused time is in pauses of this length or longer: with a smaller share than that a warning from there on',
        source: 'holdup: a request that meets one feels it; a scavenge of some milliseconds is lost among the others',
      },
      shareCritical: {
        default: 0.2,
        unit: 'ratio',
        description: 'the same: critical',
        source: 'holdup: a fifth of what the thread could do',
      },
    },
  },

  detect({ signals: { gc, eventLoop, http, threadTime, cgroup }, limits }) {
    const main = gc.stopsAll ? gc.share : gc.mainThreadShare * corrected(threadTime, isMain)
    // The worst thread is a worker where it is not the main thread.
    const worker = !gc.stopsAll && gc.share > gc.mainThreadShare ? gc.share * corrected(threadTime, isWorker) : 0
    const worst = Math.max(main, worker)
    const found = severityAt(worst, limits.share, limits.shareCritical)
    if (!found) return []
    const severity = worst < limits.shareAlone && gc.typicalMs < limits.typical ? 'info' : found
    // Its helpers use up the quota, and the pause lasts until the next period.
    if (cgroup && isThrottled(cgroup)) return { missing: ['pauses in which no CPU limit stopped it'] }
    const onMain = main >= worker
    const share = onMain ? main : worker
    const stalls = (eventLoop?.stalls ?? []).filter(({ cause }) => cause === 'gc')

    const evidence: Evidence[] = [
      ...(gc.stopsAll
        ? [{ name: 'pauses', value: main, unit: 'ratio', limit: limits.share, fidelity: gc.fidelity } as const]
        : pausesOf({ main, worker }, limits.share)),
      { name: 'pauses of all threads', value: gc.pauseSeconds, unit: 's', fidelity: gc.fidelity },
      { name: 'longest pause', value: gc.longestMs, unit: 'ms', fidelity: gc.fidelity },
      {
        name: 'typical pause',
        value: gc.typicalMs,
        unit: 'ms',
        limit: limits.typical,
        fidelity: gc.fidelity,
        note: 'half of the paused time is in pauses of this length or longer',
      },
    ]
    if (gc.heapUsedPeakBytes !== null)
      evidence.push({ name: 'heap used, peak', value: gc.heapUsedPeakBytes, unit: 'bytes', fidelity: 'sampled' })
    if (stalls.length > 0)
      evidence.push({ name: 'event-loop stalls in it', value: stalls.length, unit: '', fidelity: 'sampled' })
    const heap = gc.heapUsedPeakBytes === null ? '' : `, over a heap of ${formatBytes(gc.heapUsedPeakBytes)}`
    return [
      {
        severity,
        summary: `Garbage collection stops ${gc.stopsAll ? 'all threads of the JVM' : onMain ? 'the main thread' : 'a thread'} ${formatRatio(share)} of the time (limit ${formatRatio(limits.share)}), for up to ${formatMs(gc.longestMs)} at once${heap}.`,
        // A worker's pause holds up the worker, one of the main thread all requests.
        cost:
          onMain && http
            ? { threadsHeldUp: share * http.inFlightMean, gain: null, unit: 'requests' }
            : { threadsHeldUp: share, gain: null },
        evidence,
        ...(worst < limits.shareAlone && { explains: false as const }),
        where: stalls
          .toSorted((a, b) => b.ms - a.ms)
          .flatMap(({ stacks }) => stacks.slice(0, 1))
          .slice(0, PLACES)
          .map(({ stack }) => ({ role: 'allocates when it is stopped', stack })),
        advice: gc.stopsAll
          ? 'Allocate less per request: do not copy what can be read in place, reuse buffers, keep big caches off the heap. Short-lived garbage: a larger young generation (-Xmn). A heap near its limit: -Xmx. Long pauses: G1 with a goal (-XX:MaxGCPauseMillis=50), or ZGC.'
          : 'Allocate less per request: do not copy what can be read in place, stream large JSON, keep big caches out of the heap (Buffers). Short-lived garbage: a larger young generation, --max-semi-space-size=64. A heap near its limit: --max-old-space-size.',
      },
    ]
  },
})

function pausesOf(shares: { main: Ratio; worker: Ratio }, limit: Ratio): Evidence[] {
  const common = { unit: 'ratio', limit, fidelity: 'sampled' } as const
  return [
    { name: 'pauses of the main thread', value: shares.main, ...common },
    { name: 'pauses of the worst worker', value: shares.worker, ...common },
  ]
}

const isMain = (group: string) => group === 'main'
const isWorker = (group: string) => group.startsWith('workers')

/**
 * By what a share of the wall time must be multiplied to leave out the time for which such threads waited for a core:
 * pauses get longer by it, and the window does, but it is not the heap's doing.
 */
function corrected(groups: readonly ThreadGroup[] | null, isMeant: (group: string) => boolean): Ratio {
  const seconds = (groups ?? []).filter(({ group }) => isMeant(group)).map((group) => group.seconds)
  const sum = (states: readonly ThreadState[]) =>
    seconds.reduce((total, split) => states.reduce((all, state) => all + split[state], total), 0)
  const queued = sum(['runnable'])
  const busy = sum(['onCpu']) + queued
  const alive = sum(['onCpu', 'runnable', 'lockWait', 'idleWait', 'ioWait', 'sleeping', 'unknown'])
  return busy > 0 && alive > queued ? (1 - queued / busy) / (1 - queued / alive) : 1
}
