import { formatNumber } from '../units.ts'
import { defineDetector } from './detector.ts'

export const connectionChurn = defineDetector({
  meta: {
    id: 'connection-churn',
    title: 'A connection per request',
    category: 'cpu',
    requires: ['connections'],
    // What is made for each connection costs more than the connection.
    explainedBy: ['worker-per-request', 'thread-per-request', 'process-per-request'],
    thresholds: {
      perRequest: {
        default: 0.5,
        unit: 'per request',
        description: 'connections accepted, at the least',
        source: 'holdup: every second request then waits for one; with keep-alive hundreds share one',
      },
      perRequestMost: {
        default: 1.5,
        unit: 'per request',
        description: 'connections accepted, at the most',
        source: 'holdup: of more than one for a request most carry something else (WebSockets, probes of a port)',
      },
      perSecond: {
        default: 10,
        unit: 'per second',
        description: 'connections accepted, at the least: info',
        source: 'holdup: fewer are health checks, and cost little',
      },
      perSecondWarning: {
        default: 470,
        unit: 'per second',
        description: 'the same: warning',
        source:
          'Linux: a client has 28,232 ports (ip_local_port_range), and each that it closes stays taken for 60 s (TIME_WAIT): here they run out',
      },
    },
  },

  detect({ signals: { connections }, limits }) {
    const { perSecond, perRequest, requests, fidelity } = connections
    if (perSecond < limits.perSecond) return []
    if (perRequest === null) return { missing: ['requests to count the connections against'] }
    if (perRequest < limits.perRequest || perRequest > limits.perRequestMost) return []
    return [
      {
        severity: perSecond >= limits.perSecondWarning ? 'warning' : 'info',
        summary: `Connections are opened at a rate of ${formatNumber(perRequest)} per request (limit ${formatNumber(limits.perRequest)}), ${formatNumber(perSecond)} a second: each costs a round trip before the request, with TLS two and a handshake, and is thrown away.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence: [
          { name: 'connections accepted', value: perRequest, unit: 'per request', limit: limits.perRequest, fidelity },
          {
            name: 'connections accepted',
            value: perSecond,
            unit: 'per second',
            limit: limits.perSecondWarning,
            fidelity,
          },
          { name: 'requests on them', value: requests, unit: 'requests', fidelity },
        ],
        where: [],
        advice:
          'Keep connections open at both ends: an agent or pool with keep-alive in the client; no `Connection: close` from the server or a proxy before it (nginx: `keepalive` in the upstream, proxy_http_version 1.1, an empty Connection header); and a server that keeps an idle one for longer than its clients pause (server.keepAliveTimeout, 5 s by default). Of a load test: ab -k.',
      },
    ]
  },
})
