import { isThrottled } from '../analysis/cgroup.ts'
import { formatMs, formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'

export const noLoad = defineDetector({
  meta: {
    id: 'no-load',
    title: 'No load while recording',
    category: 'recording',
    requires: ['quality'],
    optional: ['http', 'cpu', 'cgroup', 'eventLoop', 'lockWait', 'asyncRuntime', 'switches'],
    explainedBy: ['target-crashed'],
    withholds: 'load',
    unpaired: 'judges the recording: any fixture shows it when no request is sent',
    thresholds: {
      requests: {
        default: 5,
        unit: 'requests',
        description: 'finished in the window, at the least',
        source: 'holdup: no average of fewer means anything',
      },
      inFlight: {
        default: 1,
        unit: 'requests',
        description: 'in flight on average, at the least: a service that is stuck under load finishes none',
        source: 'holdup: a client that waits all the time',
      },
      cores: {
        default: 0.5,
        unit: 'cores',
        description: 'CPU used, at the least: work may come from elsewhere than HTTP',
        source: 'holdup: start-up, in the window where no request marks its end, uses less of it on average',
      },
      ofLimit: {
        default: 0.5,
        unit: 'ratio',
        description: 'the same, of what it may use where that is less than a core',
        source: 'holdup: half of what there is, as of a core',
      },
      blocked: {
        default: 0.5,
        unit: 'ratio',
        description: 'time in event-loop stalls, at the least: a loop that waits for a child process uses no CPU',
        source: 'holdup: start-up blocks the loop for less of it',
      },
      heldUp: {
        default: 0.5,
        unit: 'threads',
        description: 'held up by locks, at the least: threads that queue have something to do',
        source: 'holdup: as of global-mutex',
      },
      inCalls: {
        default: 0.5,
        unit: 'threads',
        description: 'workers of an async runtime that stand in calls within tasks, at the least',
        source: 'holdup: a task that waits so has something to do',
      },
      switches: {
        default: 250,
        unit: 'per second',
        description:
          "voluntary context switches, at the least, where V8's profiler makes none: who waits for requests wakes up for each, of whatever protocol",
        source:
          'holdup: at rest Redis, nginx and PostgreSQL wake up for their timers alone, which is less (test/e2e/debian-programs.test.ts)',
      },
    },
  },

  detect({ signals: { quality, http, cpu, cgroup, eventLoop, lockWait, asyncRuntime, switches }, limits }) {
    const requests = http?.requests ?? quality.requests ?? 0
    const blocked = (eventLoop?.blockedSeconds ?? 0) / quality.windowSeconds
    const cores = Math.min(limits.cores, limits.ofLimit * (cpu?.available ?? 1))
    const isLoaded =
      requests >= limits.requests ||
      (http?.timeouts ?? 0) > 0 ||
      (http?.inFlightMean ?? 0) >= limits.inFlight ||
      (cpu?.cores ?? 0) >= cores ||
      // It is stopped for wanting more.
      (cgroup !== null && !cgroup.shared && isThrottled(cgroup)) ||
      blocked >= limits.blocked ||
      (lockWait?.threadSecondsPerSecond ?? 0) >= limits.heldUp ||
      (asyncRuntime?.workers.inCalls ?? 0) >= limits.inCalls ||
      (quality.profileSamples === null && (switches?.voluntaryPerSecond ?? 0) >= limits.switches)
    if (isLoaded) return []
    const evidence: Evidence[] = [
      { name: 'requests', value: requests, unit: 'requests', limit: limits.requests, fidelity: 'exact' },
    ]
    if (cpu) evidence.push({ name: 'CPU', value: cpu.cores, unit: 'cores', limit: cores, fidelity: cpu.fidelity })
    const { exit, endedByItself } = quality
    const isGone = endedByItself && exit?.code === 0
    const seen = http
      ? `${formatNumber(requests)} HTTP requests came`
      : requests > 0
        ? `${formatNumber(requests)} requests came`
        : `No ${quality.requests === null ? 'HTTP request' : 'request'} was seen`
    return [
      {
        severity: 'warning',
        summary: `${isGone ? `The target ended by itself, with exit code 0, after ${formatMs(quality.recordedSeconds * 1000)}. ` : ''}${seen} in ${formatNumber(quality.windowSeconds)} s (limit ${formatNumber(limits.requests)} requests)${cpu ? ` and the target used ${formatNumber(cpu.cores)} cores (limit ${formatNumber(cores)})` : ''}: nothing can be said of a service that has nothing to do.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence,
        where: [],
        advice: isGone
          ? 'Read what it printed: a port that is in use, say. A program that goes on in the background is attached to: holdup attach --port PORT.'
          : 'Record while requests come in, or let holdup drive them: --load http://127.0.0.1:PORT/path -c 32.',
      },
    ]
  },
})
