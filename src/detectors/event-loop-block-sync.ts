import { shortFrame } from '../analysis/frames.ts'
import type { Stall, SyncCall } from '../analysis/signals.ts'
import { formatMs, formatRatio, type Ratio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { blockedShare, isMostlyWaiting, isWaitingCall, requestsStopped, share as shareOf } from './loop-stalls.ts'
import { callWithCaller, mainThreadCalls } from './main-thread-calls.ts'
import { placeOf, repeatedStalls, type RepeatedStalls } from './repeated-stalls.ts'
import { severityAt, worstOf } from './severity.ts'

const PLACES = 3
const TEN_SECONDS = 10
/** A loop that is blocked for less could serve twice as much: something else is what limits, if it does not. */
const HALF: Ratio = 0.5
/** To start a process holds the loop up too: where each request starts one, that is the fault. */
const SPAWNS = /^ChildProcess\.spawn \(node:/

export const eventLoopBlockSync = defineDetector({
  meta: {
    id: 'event-loop-block-sync',
    title: 'Event loop blocked by synchronous calls',
    category: 'event-loop',
    requires: ['eventLoop', 'quality'],
    optional: ['profiles', 'http', 'processes', 'workers'],
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
        description: 'time of the main thread in such long calls, or in stalls, at the least',
        source: 'holdup: one request in a hundred then meets one: p99 shows it',
      },
      stallsPerTenSeconds: {
        default: 1,
        unit: 'in 10 s',
        description: 'stalls, where they take less than that share, at the least',
        source: 'the limit of event-loop-rare-stall',
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
      spawns: {
        default: 0.1,
        unit: 'per request',
        description: 'processes started: stalls that are spent in starting them are then left to process-per-request',
        source: 'the limit of process-per-request',
      },
      workers: {
        default: 0.05,
        unit: 'per request',
        description: 'workers created: stalls in no synchronous call are then left to worker-per-request',
        source: 'the limit of worker-per-request',
      },
    },
  },

  detect({ signals: { eventLoop, quality, profiles, http, processes, workers }, limits }) {
    const seconds = quality.windowSeconds
    const { calls, seconds: calledSeconds } = mainThreadCalls(profiles, isWaitingCall)
    const spawnsMany = (processes?.createdPerRequest ?? 0) >= limits.spawns
    const makesWorkers = (workers?.createdPerRequest ?? 0) >= limits.workers
    const isOthers = (stall: Stall) => (spawnsMany && isSpawning(stall)) || (makesWorkers && !isMostlyWaiting(stall))
    const stalls = repeatedStalls(
      eventLoop.stalls.filter((stall) => stall.cause === 'blocked' && !isOthers(stall)),
      profiles !== null,
    )
    const stalledShare = stalls ? blockedShare(stalls.stalls, seconds) : 0
    const share = Math.max(calledSeconds / seconds, stalledShare)
    const stallsAreMany =
      stalledShare >= limits.callShare ||
      ((stalls?.stalls.length ?? 0) / seconds) * TEN_SECONDS >= limits.stallsPerTenSeconds
    // A call shorter than a sample reads as one sample.
    const longMs = Math.max(limits.callMs, 2 * (profiles?.sampleMs ?? 0))
    const longCalls = calls.filter((call) => (call.seconds * 1000) / call.calls >= longMs)
    const areMany = longCalls.reduce((sum, call) => sum + call.seconds, 0) / seconds >= limits.callShare
    const longestMs = Math.max(
      0,
      stallsAreMany ? (stalls?.longestMs ?? 0) : 0,
      ...(areMany ? longCalls.map((call) => call.longestMs) : []),
    )

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
        cost: { threadsHeldUp: requestsStopped(share, eventLoop, http), gain: null, unit: 'requests' },
        ...(share < HALF && { explains: false as const }),
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

function isSpawning({ stacks }: Stall): boolean {
  return shareOf(stacks.filter(({ stack }) => stack.some((frame) => SPAWNS.test(frame)))) > shareOf(stacks) / 2
}

function nameOf(call: SyncCall | undefined, stalls: RepeatedStalls | null): string {
  if (call) return callWithCaller(call)
  return stalls?.frame ? shortFrame(stalls.frame) : 'A call that waits'
}
