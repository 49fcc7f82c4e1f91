import { formatMs, formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { freeCores } from './free-cores.ts'
import { severityAt } from './severity.ts'

export const libuvPoolStarvation = defineDetector({
  meta: {
    id: 'libuv-pool-starvation',
    title: "Node's thread pool has no thread left",
    category: 'event-loop',
    requires: ['libuvPool', 'eventLoop', 'cpu'],
    optional: ['neighbours', 'cgroup'],
    explainedBy: ['cgroup-cpu-throttling', 'noisy-neighbour', 'event-loop-block-cpu', 'event-loop-block-sync'],
    thresholds: {
      jobMs: {
        default: 20,
        unit: 'ms',
        description: 'a trivial job of the pool, median: warning',
        source: 'holdup: on an idle pool it takes 0.1 ms; a request has several such jobs, one after the other',
      },
      jobMsCritical: {
        default: 100,
        unit: 'ms',
        description: 'the same: critical',
        source: 'holdup: a file that is in memory is then as far away as another continent',
      },
      jobs: {
        default: 3,
        unit: 'jobs',
        description: 'seen, at the least',
        source: 'holdup: one alone may have met a neighbour of the machine',
      },
      turns: {
        default: 4,
        unit: 'ratio',
        description: "that time, of the event loop's turn, median, at the least",
        source: 'holdup: else the answer waits for the loop, not for the pool',
      },
      freeCores: {
        default: 0.25,
        unit: 'cores',
        description: 'cores that nobody uses; with less the finding is information',
        source: 'holdup: a larger pool would then only share the same cores',
      },
    },
  },

  detect({ signals: { libuvPool, eventLoop, cpu, neighbours, cgroup }, limits }) {
    const { jobMs, jobs, fidelity } = libuvPool
    const severity = severityAt(jobMs.p50, limits.jobMs, limits.jobMsCritical)
    if (!severity || jobs < limits.jobs || jobMs.p50 < limits.turns * eventLoop.turnMs.p50) return []
    const free = freeCores({ cpu, neighbours, cgroup })
    const isFree = free >= limits.freeCores
    const evidence: Evidence[] = [
      { name: 'trivial job, median', value: jobMs.p50, unit: 'ms', limit: limits.jobMs, fidelity },
      { name: 'the longest', value: jobMs.max, unit: 'ms', fidelity, note: `of ${formatNumber(jobs)}` },
      { name: 'event-loop turn, median', value: eventLoop.turnMs.p50, unit: 'ms', fidelity: eventLoop.fidelity },
      { name: 'cores free', value: free, unit: 'cores', limit: limits.freeCores, fidelity: cpu.fidelity },
    ]
    const why = isFree
      ? `${formatNumber(free)} of ${formatNumber(cpu.available)} cores are free: all its threads are taken by jobs that wait`
      : 'no core is free'
    return [
      {
        severity: isFree ? severity : 'info',
        summary: `A trivial job for Node's thread pool takes ${formatMs(jobMs.p50)} (median, limit ${formatMs(limits.jobMs)}), while the event loop turns in ${formatMs(eventLoop.turnMs.p50)} and ${why}.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence,
        where: [],
        advice: isFree
          ? 'Files, dns.lookup, zlib and crypto share four threads. Give it as many as jobs wait at once (UV_THREADPOOL_SIZE=32 in the environment, before Node starts), or keep slow ones out of it: cache or dns.resolve() in place of dns.lookup, no file on a slow mount in a request, limits on what runs at once.'
          : 'Compress and hash in fewer jobs at once, or in a process of their own: whoever needs a file or a name stands in the same queue.',
      },
    ]
  },
})
