import { formatMs, formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'

export const delayedAckStall = defineDetector({
  meta: {
    id: 'delayed-ack-stall',
    title: 'Answers wait 40 ms for an acknowledgement',
    category: 'cpu',
    requires: ['http', 'clientSockets', 'cpu'],
    explainedBy: ['no-load', 'cgroup-cpu-throttling', 'noisy-neighbour'],
    unpaired:
      'no fault of its threads: test/e2e/delayed-ack-stall.test.ts has a server that writes in two parts, and look-alikes of the same latency',
    thresholds: {
      latencyMs: {
        default: 38,
        unit: 'ms',
        description: 'latency, median, at the least',
        source: 'Linux: TCP_DELACK_MIN is 40 ms, by a clock of 1 to 4 ms',
      },
      latencyMsMost: {
        default: 46,
        unit: 'ms',
        description: 'the same, at the most',
        source: 'Linux: that timer, a tick late, and the request itself',
      },
      spreadMs: {
        default: 5,
        unit: 'ms',
        description: 'latency, 90th percentile, over the median, at the most',
        source: 'Linux: a tick of its clock, at 250 a second, and the request itself',
      },
      unacked: {
        default: 0.5,
        unit: 'ratio',
        description:
          'of the requests in flight, connections on which part of the answer is sent and not acknowledged, at the least',
        source: 'holdup: while a service works on a request nothing of its answer is sent',
      },
      cpu: {
        default: 0.5,
        unit: 'ratio',
        description: 'of the cores that the target may use, those that it does, at the most',
        source: 'holdup: with more, requests wait for each other too',
      },
    },
  },

  detect({ signals: { http, clientSockets, cpu }, limits }) {
    const { p50, p90 } = http.latencyMs
    // A server takes its answer for sent when the kernel has it.
    if (http.source !== 'client') return { missing: ['latency as a client sees it'] }
    const { fidelity } = clientSockets
    const unacked = clientSockets.unacked / Math.max(1, http.inFlightMean)
    const share = cpu.cores / cpu.available
    const isPlateau = p50 >= limits.latencyMs && p50 <= limits.latencyMsMost && p90 - p50 <= limits.spreadMs
    if (!isPlateau || unacked < limits.unacked || share > limits.cpu) return []
    return [
      {
        severity: 'info',
        summary: `Nearly all requests take 40 ms (median ${formatMs(p50)}, p90 ${formatMs(p90)}), and on ${formatNumber(clientSockets.unacked)} connections (${formatRatio(Math.min(1, unacked))} of the requests in flight, limit ${formatRatio(limits.unacked)}) part of the answer is sent while the rest waits until the client has acknowledged it: that is the time by which a kernel delays an acknowledgement.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence: [
          { name: 'latency, median', value: p50, unit: 'ms', limit: limits.latencyMs, fidelity: 'exact' },
          { name: 'p90 over it', value: p90 - p50, unit: 'ms', limit: limits.spreadMs, fidelity: 'exact' },
          {
            name: 'answers sent in part, of those in flight',
            value: unacked,
            unit: 'ratio',
            limit: limits.unacked,
            fidelity,
          },
          {
            name: 'cores used, of the available',
            value: share,
            unit: 'ratio',
            limit: limits.cpu,
            fidelity: cpu.fidelity,
          },
        ],
        where: [],
        advice:
          "Set TCP_NODELAY on connections that are accepted (Node's servers do by default; nginx: tcp_nodelay on), or write an answer by one call: head and body together, writev, MSG_MORE, cork() and uncork() of a stream.",
      },
    ]
  },
})
