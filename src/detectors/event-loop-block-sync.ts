import { isApplication, shortFrame } from '../analysis/frames.ts'
import type { Profiles, SyncCall } from '../analysis/signals.ts'
import { formatMs, formatRatio, type Seconds } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { blockedShare, isWaitingCall } from './loop-stalls.ts'
import { placeOf, repeatedStalls, type RepeatedStalls } from './repeated-stalls.ts'
import { severityAt, worstOf } from './severity.ts'

const PLACES = 3
/** A main thread that does at least this much of what the busiest does serves too; a cluster's primary does not. */
const BUSY = 0.1
/** A module is loaded once, by the first request that needs it. */
const LOADS_MODULE = /\(node:internal\/modules/

export const eventLoopBlockSync = defineDetector({
  meta: {
    id: 'event-loop-block-sync',
    title: 'Event loop blocked by synchronous calls',
    category: 'event-loop',
    requires: ['eventLoop', 'quality'],
    optional: ['profiles', 'http'],
    explainedBy: ['worker-per-request'],
    thresholds: {
      callMs: {
        default: 10,
        unit: 'ms',
        description: 'mean length of a synchronous call that takes the share below: warning',
        source: "clinic doctor's limit for the usual delay of the event loop",
      },
      callShare: {
        default: 0.01,
        unit: 'ratio',
        description: 'time of the main thread in such long calls, at the least',
        source: 'holdup: one request in a hundred then meets one: p99 shows it',
      },
      share: {
        default: 0.05,
        unit: 'ratio',
        description: 'time of the main thread in synchronous calls of any length: warning',
        source: 'holdup: one request in twenty then meets one',
      },
      shareCritical: {
        default: 0.2,
        unit: 'ratio',
        description: 'the same: critical',
        source: 'holdup: one request in five then meets one',
      },
      longestCriticalMs: {
        default: 500,
        unit: 'ms',
        description: 'the longest of the long calls: critical',
        source: "holdup: five times clinic doctor's limit for the longest delay (100 ms)",
      },
    },
  },

  detect({ signals: { eventLoop, quality, profiles, http }, limits }) {
    const seconds = quality.windowSeconds
    const calls = profiles ? waitingCalls(profiles) : []
    const stalls = repeatedStalls(
      eventLoop.stalls.filter(({ cause }) => cause === 'blocked'),
      profiles !== null,
    )
    const called = totalSeconds(calls) / seconds
    const share = Math.max(called, stalls ? blockedShare(stalls.stalls, seconds) : 0)
    // A call shorter than a sample reads as one sample.
    const longMs = Math.max(limits.callMs, 2 * (profiles?.sampleMs ?? 0))
    const longCalls = calls.filter((call) => (call.seconds * 1000) / call.calls >= longMs)
    const areMany = totalSeconds(longCalls) / seconds >= limits.callShare
    const longestMs = Math.max(0, stalls?.longestMs ?? 0, ...(areMany ? longCalls.map((call) => call.longestMs) : []))

    const severity = worstOf(
      severityAt(longestMs, limits.callMs, limits.longestCriticalMs),
      severityAt(share, limits.share, limits.shareCritical),
    )
    if (!severity) return profiles ? [] : { missing: ['profiles'] }
    const evidence: Evidence[] = [
      { name: 'time in synchronous calls', value: share, unit: 'ratio', limit: limits.share, fidelity: 'sampled' },
    ]
    if (longestMs > 0) {
      evidence.push({ name: 'longest', value: longestMs, unit: 'ms', limit: limits.callMs, fidelity: 'sampled' })
    }
    const atOnce =
      longestMs > 0 ? ` and for up to ${formatMs(longestMs)} at once (limit ${formatMs(limits.callMs)})` : ''
    return [
      {
        severity,
        summary: `${nameOf(calls[0], stalls)} blocks the event loop ${formatRatio(share)} of the time (limit ${formatRatio(limits.share)})${atOnce}; the main thread waits meanwhile and serves nobody.`,
        cost: { threadsHeldUp: http && share * http.inFlightMean, gain: null },
        evidence,
        where: [
          ...calls
            .slice(0, PLACES)
            .map((call) => ({ role: 'blocks the loop', stack: call.stack, share: call.seconds / seconds })),
          ...(stalls ? placeOf(stalls, 'blocks the loop') : []),
        ],
        advice:
          'Use the asynchronous form: fs.promises.readFile, execFile, Atomics.waitAsync. What never changes, read once at start-up.',
      },
    ]
  },
})

/** Most time first; what loads a module once is left out. Seconds are those of one loop, on average. */
function waitingCalls({ syncCalls, threads }: Profiles): SyncCall[] {
  const loops = threads.filter(({ main }) => main).map(({ tree }) => tree.total)
  const busyLoops = loops.filter((total) => total >= Math.max(...loops) * BUSY)
  return syncCalls
    .filter(({ stack }) => isWaitingCall(stack[0] ?? '') && !stack.some((frame) => LOADS_MODULE.test(frame)))
    .map((call) => ({ ...call, seconds: call.seconds / Math.max(1, busyLoops.length) }))
    .toSorted((a, b) => b.seconds - a.seconds)
}

function totalSeconds(calls: readonly SyncCall[]): Seconds {
  return calls.reduce((sum, { seconds }) => sum + seconds, 0)
}

function nameOf(call: SyncCall | undefined, stalls: RepeatedStalls | null): string {
  if (!call) return stalls?.frame ? shortFrame(stalls.frame) : 'A call that waits'
  const caller = call.stack.find((frame) => isApplication(frame))
  return caller ? `${call.call}, called by ${shortFrame(caller)},` : call.call
}
