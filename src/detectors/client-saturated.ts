import { BUSY_CORES, DELAY_MS, DELAY_SHARE, isClientBusy } from '../analysis/scale/client-busy.ts'
import { formatMs, formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'

export const clientSaturated = defineDetector({
  meta: {
    id: 'client-saturated',
    title: "holdup's load driver could not keep up",
    category: 'recording',
    requires: ['client', 'http'],
    unpaired: 'judges the recording: any fast service shows it, with more load than one core of the client can make',
    thresholds: {
      cores: {
        default: BUSY_CORES,
        unit: 'cores',
        description: 'CPU of the load driver, which is one thread',
        source: 'holdup: what is left of a core is what the garbage collector and the kernel take',
      },
      delay: {
        default: DELAY_SHARE,
        unit: 'ratio',
        description: "its own delay, of the requests' median latency",
        source: 'holdup: at half, the client is as much in the figure as the server',
      },
      delayMs: {
        default: DELAY_MS,
        unit: 'ms',
        description: 'its own delay (median lateness of its timers, or of its requests at a given rate), at the least',
        source: 'holdup: a Linux scheduler lets a process wait for less whenever another one runs',
      },
    },
  },

  detect({ signals: { client, http }, limits }) {
    if (!isClientBusy(client, http, limits)) return []
    const delay = Math.max(client.lagMs.p50, client.pacingMs?.p50 ?? 0)
    const busy = client.cores >= limits.cores
    const evidence: Evidence[] = [
      { name: 'CPU of the load driver', value: client.cores, unit: 'cores', limit: limits.cores, fidelity: 'exact' },
      { name: 'its own delay, median', value: delay, unit: 'ms', limit: limits.delayMs, fidelity: 'exact' },
      { name: 'latency, median', value: http.latencyMs.p50, unit: 'ms', fidelity: 'exact' },
      { name: 'cores without work', value: client.idleCores, unit: 'cores', fidelity: 'exact' },
    ]
    const fact = busy
      ? `uses ${formatNumber(client.cores)} cores (limit ${formatNumber(limits.cores)})`
      : `is ${formatMs(delay)} late itself (limit ${formatMs(limits.delayMs)}), of a median latency of ${formatMs(http.latencyMs.p50)}`
    return [
      {
        severity: 'info',
        summary: `The load driver ${fact}: throughput and latency are as much its own as the service's.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence,
        where: [],
        advice:
          'Take the latencies that the server saw itself, where the report has them. Drive the load from another machine, with a tool that uses several cores (wrk, say, by --on-port), or ask for less of it (--rate, -c).',
      },
    ]
  },
})
