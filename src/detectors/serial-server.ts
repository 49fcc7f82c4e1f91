import { formatMs, formatNumber } from '../units.ts'
import { defineDetector } from './detector.ts'
import { freeCores, roomToGrow } from './free-cores.ts'
import { severityAt } from './severity.ts'
import { WAITING_THRESHOLDS, waitingClients } from './waiting-clients.ts'

export const serialServer = defineDetector({
  meta: {
    id: 'serial-server',
    title: 'One thread serves one client after the other',
    category: 'threads',
    requires: ['acceptQueue', 'cpu', 'quality'],
    optional: ['neighbours', 'cgroup'],
    // A thread that is held up cannot accept either.
    explainedBy: [
      'cgroup-cpu-throttling',
      'worker-per-request',
      'thread-per-request',
      'process-per-request',
      'event-loop-block-cpu',
      'event-loop-block-sync',
      'deadlock-or-stuck',
    ],
    thresholds: {
      ...WAITING_THRESHOLDS,
      gain: {
        default: 1.1,
        unit: 'times',
        description: 'the throughput, that the free cores and the clients that wait would allow: warning',
        source: 'holdup: with less room others would wait for a core instead',
      },
      gainCritical: { default: 1.5, unit: 'times', description: 'the same: critical', source: 'holdup: as of locks' },
    },
  },

  detect({ signals: { acceptQueue, cpu, quality, neighbours, cgroup }, limits }) {
    const { port, waiting, seconds, opened, threads, cores, fidelity } = acceptQueue
    if (opened === null) return { missing: ['sockets of the processes that listen'] }
    const evidence = threads === 1 ? waitingClients(acceptQueue, quality.windowSeconds, limits) : null
    const gain = Math.min(waiting + 1, roomToGrow({ cpu, neighbours, cgroup }))
    const severity = severityAt(gain, limits.gain, limits.gainCritical)
    if (!evidence || !severity) return []
    return [
      {
        severity,
        summary: `${formatNumber(waiting)} connections on average wait until they are accepted on port ${port}, for ${formatMs(seconds * 1000)} (limit ${formatMs(limits.seconds * 1000)}): one thread serves, one client after the other, and ${formatNumber(freeCores({ cpu, neighbours, cgroup }))} of ${formatNumber(cpu.available)} cores are free.`,
        cost: { threadsHeldUp: waiting, gain, unit: 'requests' },
        evidence: [
          ...evidence,
          { name: 'CPU of the thread that serves', value: cores, unit: 'cores', fidelity },
          {
            name: 'throughput by the free cores',
            value: gain,
            unit: 'times',
            limit: limits.gain,
            fidelity,
            note: 'at most',
          },
        ],
        where: [],
        advice:
          'Serve several clients at once: a pool of threads or processes that accept (gunicorn --workers or --threads, ThreadingHTTPServer, puma -t), or an event loop that never waits for one of them. Where clients keep their connections, a server that reads from one until it is closed leaves all others waiting.',
      },
    ]
  },
})
