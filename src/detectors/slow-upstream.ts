import { formatMs, formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'

const PEERS_NAMED = 3
/** What its threads wait for are files and names, in the target itself. */
const LIBUV = /libuv/

export const slowUpstream = defineDetector({
  meta: {
    id: 'slow-upstream',
    title: 'Requests wait for another service',
    category: 'cpu',
    requires: ['http', 'upstreams', 'threadTime', 'cpu', 'quality'],
    optional: ['eventLoop', 'lockWait'],
    // Whatever else holds requests up is the cause.
    explainedBy: [
      'no-load',
      'cgroup-cpu-throttling',
      'worker-per-request',
      'thread-per-request',
      'process-per-request',
      'blocking-pool-explosion',
      'event-loop-block-cpu',
      'event-loop-block-sync',
      'libuv-pool-starvation',
      'deadlock-or-stuck',
      'async-runtime-blocked',
      'gil-contention',
      'lock-held-across-blocking',
      'global-mutex',
      'async-mutex-serialisation',
      'serial-server',
      'pool-exhausted',
      'delayed-ack-stall',
    ],
    unpaired:
      'not a fault: the fixture slow-upstream shows it, and test/e2e/slow-upstream.test.ts holds it against services that compute',
    thresholds: {
      waited: {
        default: 0.75,
        unit: 'ratio',
        description: "of the requests' time in which no thread runs, is ready to, or waits for a lock, for them",
        source: 'holdup: whatever is mended in the target itself, a request takes three quarters of what it did',
      },
      latencyMs: {
        default: 5,
        unit: 'ms',
        description: 'latency, median, at the least',
        source: 'holdup: less is what a request over the network takes anyway',
      },
      inFlight: {
        default: 1,
        unit: 'requests',
        description: 'in flight, on average, at the least',
        source: 'holdup: with fewer the target is idle because nobody asks',
      },
      cpu: {
        default: 0.5,
        unit: 'ratio',
        description:
          'of the cores that the target may use, those that it does, and of one that its main thread is on, at the most',
        source: 'holdup: with more, requests begin to wait for each other',
      },
      lockWait: {
        default: 0.5,
        unit: 'threads',
        description: 'threads or requests that locks hold up, at the most',
        source: "holdup: global-mutex's limit of threads held up",
      },
    },
  },

  detect({ signals: { http, upstreams, threadTime, cpu, quality, eventLoop, lockWait }, limits }) {
    const { connections, peers, fidelity } = upstreams
    const { p50 } = http.latencyMs
    const atWork = threadTime.reduce(
      (sum, { group, seconds }) => sum + seconds.onCpu + seconds.runnable + (LIBUV.test(group) ? seconds.ioWait : 0),
      0,
    )
    const waited = Math.max(0, 1 - atWork / quality.windowSeconds / http.inFlightMean)
    const share = cpu.cores / cpu.available
    const main = eventLoop?.mainThreadCpu ?? 0
    const heldUp = lockWait?.locks.reduce((sum, lock) => sum + (lock.role === 'lock' ? lock.heldUp : 0), 0) ?? 0
    const idle = share <= limits.cpu && main <= limits.cpu && heldUp <= limits.lockWait
    if (connections === 0 || !idle || http.inFlightMean < limits.inFlight || p50 < limits.latencyMs) return []
    if (waited < limits.waited) return []
    const named = peers.slice(0, PEERS_NAMED)
    const waiting = http.inFlightMean * waited
    // Or it asks for several requests by one connection.
    const few = connections < waiting / 2
    const what = few
      ? `they wait for another service or, as ${formatNumber(waiting)} of them share ${formatNumber(connections)} ${connections === 1 ? 'connection' : 'connections'} to ${named.map(({ to }) => to).join(', ')}, for each other (holdup scale tells which).`
      : `they wait for another service, with connections to ${named.map(({ to }) => to).join(', ')}.`
    const figure = { unit: 'ratio', fidelity: 'sampled' as const }
    return [
      {
        severity: 'info',
        summary: `Requests take ${formatMs(p50)} (median), and for ${formatRatio(waited)} of it (limit ${formatRatio(limits.waited)}) no thread of the target does anything: ${what}`,
        cost: { threadsHeldUp: waiting, gain: null, unit: 'requests' },
        evidence: [
          { name: 'time of requests in which nothing runs for them', value: waited, limit: limits.waited, ...figure },
          {
            name: 'requests in flight',
            value: http.inFlightMean,
            unit: 'requests',
            limit: limits.inFlight,
            fidelity: 'exact',
          },
          { name: 'cores used, of the available', value: share, limit: limits.cpu, ...figure },
          { name: 'main thread on CPU', value: main, limit: limits.cpu, ...figure },
          ...named.map(({ to, connections: n }) => ({
            name: `connections to ${to}`,
            value: n,
            unit: 'connections',
            fidelity,
          })),
        ],
        where: [],
        advice:
          'The target itself has time to spare: look at what it asks, and how often (a cache, one query in place of many, requests side by side that now follow each other). If latency grows with the number of clients though that service answers as fast as ever, they wait for each other: for a connection of a pool that is too small, or for an asynchronous lock; `holdup scale` tells.',
      },
    ]
  },
})
