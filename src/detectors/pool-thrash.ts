import { isApplication, shortFrame } from '../analysis/frames.ts'
import { formatMs, formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'

const PLACES = 2

export const poolThrash = defineDetector({
  meta: {
    id: 'pool-thrash',
    title: 'A pool that lets its threads go too soon',
    category: 'threads',
    requires: ['threads', 'quality', 'http'],
    optional: ['connections'],
    explainedBy: ['no-load', 'worker-per-request', 'process-per-request'],
    thresholds: {
      perRequest: {
        default: 0.1,
        unit: 'per request',
        description: 'threads created, at the least',
        source: 'holdup: as of thread-per-request',
      },
      perRequestMost: {
        default: 0.5,
        unit: 'per request',
        description: 'the same, at the most',
        source: 'holdup: with more, no thread serves two requests: thread-per-request',
      },
      perSecond: {
        default: 10,
        unit: 'per second',
        description: 'threads created, at the least',
        source: 'holdup: as of thread-per-request',
      },
      exited: {
        default: 0.5,
        unit: 'ratio',
        description: 'of those created, how many ended in the same window, at the least',
        source: 'holdup: a pool that warms up makes threads that stay',
      },
      requests: {
        default: 1.25,
        unit: 'times',
        description: 'life of half of the threads, in mean latencies of a request, at the least',
        source: 'holdup: a thread that lives for one request ends before its answer arrives',
      },
      connections: {
        default: 0.5,
        unit: 'ratio',
        description: 'connections accepted, of the threads created, at the most',
        source: 'holdup: else each has a connection, which ends with it',
      },
    },
  },

  detect({ signals: { threads, quality, http, connections }, limits }) {
    const { created, exited, createdPerRequest: perRequest, lifetimeMs, fidelity, creators } = threads
    const perSecond = threads.createdLow / quality.windowSeconds
    const isRate = perSecond >= limits.perSecond && exited >= created * limits.exited
    if (!isRate || perRequest === null || perRequest < limits.perRequest || perRequest >= limits.perRequestMost)
      return []
    if (lifetimeMs === null) return { missing: ['how long its threads live'] }
    if (connections === null) return { missing: ['connections to count the threads against'] }
    const life = lifetimeMs.p50 / http.latencyMs.mean
    const opened = connections.opened / created
    if (life < limits.requests || opened > limits.connections) return []
    const evidence: Evidence[] = [
      { name: 'threads created', value: perRequest, unit: 'per request', limit: limits.perRequest, fidelity },
      { name: 'threads created', value: perSecond, unit: 'per second', limit: limits.perSecond, fidelity },
      { name: 'threads ended', value: exited / created, unit: 'ratio', limit: limits.exited, fidelity },
      {
        name: 'lifetime, p50, of the mean latency',
        value: life,
        unit: 'times',
        limit: limits.requests,
        fidelity,
        note: formatMs(lifetimeMs.p50),
      },
      {
        name: 'connections, of the threads created',
        value: opened,
        unit: 'ratio',
        limit: limits.connections,
        fidelity: connections.fidelity,
      },
      { name: 'threads alive, on average', value: threads.mean, unit: 'threads', fidelity: 'sampled' },
    ]
    const creator = creators[0]?.stack.find(isApplication)
    const counted = creators.reduce((sum, { count }) => sum + count, 0)
    return [
      {
        severity: 'warning',
        summary: `A pool makes ${formatNumber(perSecond)} threads a second${creator ? `, in ${shortFrame(creator)},` : ''} and lets as many go under steady load: ${formatNumber(perRequest)} for each request (limit ${formatNumber(limits.perRequest)}). Each lives for ${formatMs(lifetimeMs.p50)} and serves some ${formatNumber(1 / perRequest)} requests.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence,
        where: creators
          .slice(0, PLACES)
          .map(({ stack, count }) => ({ role: 'created at', stack, share: count / counted })),
        advice:
          "Let idle threads stay for longer than the gaps between requests (Tokio's thread_keep_alive, ThreadPoolExecutor's keepAliveTime, MariaDB's thread_pool_idle_timeout: seconds, not milliseconds), and set the number that always stay to what steady load needs.",
      },
    ]
  },
})
