import { formatMs, formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'

export const delayedAckStall = defineDetector({
  meta: {
    id: 'delayed-ack-stall',
    title: 'Answers wait 40 ms for an acknowledgement',
    category: 'cpu',
    requires: ['http', 'clientSockets', 'cpu'],
    explainedBy: ['no-load', 'cgroup-cpu-throttling'],
    unpaired:
      'no fault of its threads: test/e2e/delayed-ack-stall.test.ts has a server that writes in two parts, and look-alikes of the same latency',
    thresholds: {
      latencyMs: {
        default: 38,
        unit: 'ms',
        description: 'latency, median, at the least',
        source: 'Linux: TCP_DELACK_MIN is 40 ms, by a clock of 1 to 4 ms',
      },
      unackedMs: {
        default: 20,
        unit: 'ms',
        description:
          'the time in which part of an answer is sent and not acknowledged, on average of all requests, at the least',
        source:
          'Linux: that timer, for every second request: the others are acknowledged at once, as at the start of a connection',
      },
      unackedMsMost: {
        default: 55,
        unit: 'ms',
        description: 'the same, at the most',
        source:
          'Linux: that timer, a tick late, by an average of some 20 looks; a slower network or reader takes longer',
      },
      unacked: {
        default: 0.5,
        unit: 'ratio',
        description:
          'of the requests in flight, connections on which part of the answer is sent and not acknowledged, at the least',
        source: 'holdup: while a service works on a request nothing of its answer is sent',
      },
      cpu: {
        default: 0.75,
        unit: 'ratio',
        description: 'of the cores that the target may use, those that it does, at the most',
        source: 'holdup: with more, the client is late to read',
      },
    },
  },

  detect({ signals: { http, clientSockets, cpu }, limits }) {
    const { p50 } = http.latencyMs
    // A server takes its answer for sent when the kernel has it.
    if (http.source !== 'client') return { missing: ['latency as a client sees it'] }
    const { fidelity } = clientSockets
    const unacked = clientSockets.unacked / Math.max(1, http.inFlightMean)
    // Little's law: so many of them at a time, by so many a second.
    const unackedMs = (clientSockets.unacked * 1000) / Math.max(1, http.perSecond)
    const share = cpu.cores / cpu.available
    const isTimer = unackedMs >= limits.unackedMs && unackedMs <= limits.unackedMsMost
    if (p50 < limits.latencyMs || !isTimer || unacked < limits.unacked || share > limits.cpu) return []
    return [
      {
        severity: 'info',
        summary: `Of a request's ${formatMs(p50)} (median) some ${formatMs(unackedMs)} pass while part of the answer is sent and the rest waits until the client has acknowledged it, which its kernel delays by 40 ms: so on ${formatNumber(clientSockets.unacked)} connections at a time (${formatRatio(Math.min(1, unacked))} of the requests in flight, limit ${formatRatio(limits.unacked)}).`,
        cost: { threadsHeldUp: clientSockets.unacked, gain: null, unit: 'requests' },
        evidence: [
          { name: 'latency, median', value: p50, unit: 'ms', limit: limits.latencyMs, fidelity: 'exact' },
          { name: 'sent and not acknowledged', value: unackedMs, unit: 'ms', limit: limits.unackedMs, fidelity },
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
          "Set TCP_NODELAY on connections that are accepted (Node's servers do by default; nginx: tcp_nodelay on; Java's HttpServer: -Dsun.net.httpserver.nodelay=true; Python's socketserver: disable_nagle_algorithm = True in the handler), or write an answer by one call: head and body together, writev, MSG_MORE, a buffered stream that is flushed once.",
      },
    ]
  },
})
