import { shortFrame } from '../analysis/frames.ts'
import { formatMs, formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'
import { areUnexplained, blockedShare, computingStalls, requestsStopped } from './loop-stalls.ts'
import { placeOf, repeatedStalls } from './repeated-stalls.ts'

export const eventLoopRareStall = defineDetector({
  meta: {
    id: 'event-loop-rare-stall',
    title: 'Event loop stopped now and then by one function',
    category: 'event-loop',
    requires: ['eventLoop', 'quality'],
    optional: ['http', 'profiles'],
    explainedBy: ['event-loop-block-cpu'],
    thresholds: {
      stallMs: {
        default: 50,
        unit: 'ms',
        description: 'a stall of the loop, without the time it waited for a core',
        source: "holdup: five times the error of Node's 10 ms delay monitor",
      },
      usualTurns: {
        default: 5,
        unit: '× the usual turn',
        description: 'how far a stall stands out',
        source: 'holdup: turns that serve all waiting requests differ among themselves by less',
      },
      stallsPerTenSeconds: {
        default: 1,
        unit: 'in 10 s',
        description: 'such stalls that share a function, at least two: warning',
        source: 'holdup: one in 10 s is what p99 shows of a service with a request a second',
      },
      share: {
        default: 0.01,
        unit: 'ratio',
        description: 'time in them, where they are rarer: warning',
        source: 'holdup: one request in a hundred then meets one: p99 shows it',
      },
      longestCriticalMs: {
        default: 500,
        unit: 'ms',
        description: 'the longest of them: critical',
        source: "holdup: five times clinic doctor's limit for the longest delay (100 ms)",
      },
    },
  },

  detect({ signals: { eventLoop, quality, http, profiles }, limits }) {
    const minMs = Math.max(limits.stallMs, eventLoop.turnMs.p50 * limits.usualTurns)
    const repeated = repeatedStalls(computingStalls(eventLoop, minMs), profiles !== null)
    if (!repeated) return areUnexplained(eventLoop) ? { missing: ['CPU time of the main thread'] } : []
    const { frame, stalls, longestMs } = repeated
    const rate = (stalls.length / quality.windowSeconds) * 10
    const share = blockedShare(stalls, quality.windowSeconds)
    if (rate < limits.stallsPerTenSeconds && share < limits.share) return []
    // Unrelated stalls are no pattern, and without stacks related ones cannot be told from them.
    if (frame === null) return { missing: ['profiles'] }
    const { fidelity } = eventLoop
    return [
      {
        severity: longestMs >= limits.longestCriticalMs ? 'critical' : 'warning',
        summary: `${shortFrame(frame)} stops the event loop ${formatNumber(rate)} times in 10 s (limit ${formatNumber(limits.stallsPerTenSeconds)}), ${formatRatio(share)} of the time (limit ${formatRatio(limits.share)}), for up to ${formatMs(longestMs)} (limit ${formatMs(minMs)}); the usual turn takes ${formatMs(eventLoop.turnMs.p50)}.`,
        cost: {
          threadsHeldUp: requestsStopped(share, eventLoop, http),
          gain: null,
          unit: 'requests',
        },
        evidence: [
          { name: 'stalls', value: rate, unit: 'in 10 s', limit: limits.stallsPerTenSeconds, fidelity },
          { name: 'time in them', value: share, unit: 'ratio', limit: limits.share, fidelity },
          { name: 'longest stall', value: longestMs, unit: 'ms', limit: minMs, fidelity },
          { name: 'turn of the loop, p50', value: eventLoop.turnMs.p50, unit: 'ms', fidelity },
        ],
        where: placeOf(repeated, 'stops the loop'),
        advice:
          'Find the input that makes this function slow: a regular expression that backtracks, a large JSON text, a sort of everything. Bound the input, use an algorithm whose worst case is bounded, or run it in a worker thread.',
      },
    ]
  },
})
