import { shortFrame } from '../analysis/frames.ts'
import { formatMs, formatRatio } from '../units.ts'
import { cpuPlaces } from './cpu-places.ts'
import { defineDetector, type Evidence } from './detector.ts'
import {
  areUnexplained,
  blockedShare,
  computingStalls,
  cpuMsPerRequest,
  isComputingCall,
  requestsStopped,
  servesBatches,
} from './loop-stalls.ts'
import { computesBeside, mainThreadCalls } from './main-thread-calls.ts'
import { placeOf, repeatedStalls } from './repeated-stalls.ts'
import { severityAt, worstOf } from './severity.ts'

/** Among many short requests a stall must be this many usual turns long: a turn serves all that came together. */
const STANDS_OUT = 5

export const eventLoopBlockCpu = defineDetector({
  meta: {
    id: 'event-loop-block-cpu',
    title: 'Event loop blocked by computation',
    category: 'event-loop',
    requires: ['eventLoop', 'quality'],
    optional: ['http', 'httpServer', 'profiles'],
    explainedBy: ['worker-per-request'],
    thresholds: {
      turnMs: {
        default: 10,
        unit: 'ms',
        description: 'usual turn of the loop (p50), what of it is on CPU: warning',
        source: "clinic doctor's rule for the delay of the event loop (median ≥ 10 ms)",
      },
      turnCriticalMs: {
        default: 50,
        unit: 'ms',
        description: 'the same: critical',
        source: 'holdup: every usual turn is then a stall',
      },
      requestCpuMs: {
        default: 10,
        unit: 'ms',
        description: 'main-thread CPU of one request; under it long turns may be many short requests served together',
        source: 'holdup: one request then fills a turn of the limit above',
      },
      stallMs: {
        default: 50,
        unit: 'ms',
        description: 'a stall of the loop, without the time it waited for a core',
        source: "holdup: five times the error of Node's 10 ms delay monitor",
      },
      share: {
        default: 0.25,
        unit: 'ratio',
        description: 'time in stalls that share a function: warning',
        source: 'holdup: a request in four then meets a block; under it, event-loop-rare-stall judges',
      },
      shareCritical: {
        default: 0.5,
        unit: 'ratio',
        description: 'the same: critical',
        source: 'holdup: every second request then meets a block',
      },
      longestCriticalMs: {
        default: 500,
        unit: 'ms',
        description: 'the longest of these stalls: critical',
        source: "holdup: five times clinic doctor's limit for the longest delay (100 ms)",
      },
      asyncShare: {
        default: 0.25,
        unit: 'ratio',
        description: 'time of the main thread in pbkdf2Sync, gzipSync and the like, which need not be there: warning',
        source: 'holdup: without them the same thread serves a third more',
      },
    },
  },

  detect({ signals: { eventLoop, quality, http, httpServer, profiles }, limits }) {
    const { turnMs, mainThreadCpu, fidelity } = eventLoop
    const requestMs = cpuMsPerRequest(eventLoop, httpServer)
    const batches = servesBatches(eventLoop, httpServer, { requestMs: limits.requestCpuMs, longMs: limits.stallMs })
    // Of a turn that lasts longer than its thread was on CPU the rest is other processes' doing, or a blocking call's.
    const turnCpuMs = turnMs.p50 * (mainThreadCpu ?? 0)
    const turn = batches ? null : severityAt(turnCpuMs, limits.turnMs, limits.turnCriticalMs)

    const minMs = Math.max(limits.stallMs, batches ? turnMs.p50 * STANDS_OUT : 0)
    const stalls = repeatedStalls(computingStalls(eventLoop, minMs), profiles !== null)
    const share = stalls ? blockedShare(stalls.stalls, quality.windowSeconds) : 0
    const longestMs = stalls?.longestMs ?? 0
    const stalled = severityAt(share, limits.share, limits.shareCritical)

    const { calls, seconds } = mainThreadCalls(profiles, isComputingCall)
    const asyncShare = seconds / quality.windowSeconds
    const needless = asyncShare >= limits.asyncShare ? calls[0] : undefined

    const severity = worstOf(
      turn,
      stalled,
      stalled && longestMs >= limits.longestCriticalMs ? 'critical' : null,
      needless ? 'warning' : null,
    )
    if (!severity) {
      const isLongTurn = turnMs.p50 >= limits.turnMs && !batches && mainThreadCpu === null
      return isLongTurn || areUnexplained(eventLoop) ? { missing: ['CPU time of the main thread'] } : []
    }
    const evidence: Evidence[] = [{ name: 'turn of the loop, p50', value: turnMs.p50, unit: 'ms', fidelity }]
    // Turns of many short requests are not held against the limits.
    if (!batches || stalled) {
      evidence.push(
        { name: 'time in stalls', value: share, unit: 'ratio', limit: limits.share, fidelity },
        { name: 'longest stall', value: longestMs, unit: 'ms', limit: limits.stallMs, fidelity },
      )
    }
    if (mainThreadCpu !== null && !batches)
      evidence.push({ name: 'of the turn on CPU', value: turnCpuMs, unit: 'ms', limit: limits.turnMs, fidelity })
    if (mainThreadCpu !== null && requestMs !== null)
      evidence.push({ name: 'main-thread CPU per request', value: requestMs, unit: 'ms', fidelity })
    if (needless) {
      evidence.push({
        name: 'in calls with an asynchronous form',
        value: asyncShare,
        unit: 'ratio',
        limit: limits.asyncShare,
        fidelity: 'sampled',
        note: needless.call,
      })
    }
    const blocked = Math.max(share, needless ? asyncShare : 0, turn ? (mainThreadCpu ?? 0) : 0)
    const places = cpuPlaces(profiles, ({ main }) => main)
    const blocker = stalls?.frame ? shortFrame(stalls.frame) : 'Computation'
    return [
      {
        severity,
        summary: stalled
          ? `${blocker} blocks the event loop ${formatRatio(share)} of the time (limit ${formatRatio(limits.share)}), up to ${formatMs(longestMs)} at a stretch; no other request is served meanwhile.`
          : needless && !turn
            ? computesBeside(needless, { asyncShare, limit: limits.asyncShare, mainThreadCpu, places })
            : `The event loop computes for ${formatMs(turnCpuMs)} in its usual turn (limit ${formatMs(limits.turnMs)}); every other request waits until it ends.`,
        cost: { threadsHeldUp: requestsStopped(blocked, eventLoop, http), gain: null, unit: 'requests' },
        evidence,
        where: [...(stalls ? placeOf(stalls, 'blocks the loop') : []), ...places],
        advice:
          'Move the computation to a fixed pool of worker threads, or cut it into slices of a few milliseconds with setImmediate between them. Hash and compress with the asynchronous functions of node:crypto and node:zlib.',
      },
    ]
  },
})
