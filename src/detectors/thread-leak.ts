import { isApplication, shortFrame } from '../analysis/frames.ts'
import { trendOf } from '../analysis/trend.ts'
import { formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

const PLACES = 2

export const threadLeak = defineDetector({
  meta: {
    id: 'thread-leak',
    title: 'Threads that never end',
    category: 'threads',
    requires: ['threads', 'quality'],
    // A new thread for each request may as well be one that comes late to an end.
    explainedBy: ['blocking-pool-explosion'],
    thresholds: {
      perSecond: {
        default: 1,
        unit: 'per second',
        description: 'growth of the number of live threads, by the median of all slopes (Theil–Sen): warning',
        source: "holdup: 3,600 an hour, and a service's limit is some thousands",
      },
      perSecondCritical: {
        default: 10,
        unit: 'per second',
        description: 'the same: critical',
        source: "holdup: Linux' default of 32,768 ids is used up within the hour",
      },
      grown: {
        default: 50,
        unit: 'threads',
        description: 'their growth over the window, at the least',
        source: 'holdup: fewer may be a pool that fills',
      },
      pool: {
        default: 500,
        unit: 'threads',
        description:
          'the same: more is no pool that fills, however slowly it grows; less, and none has ended: no more than a warning',
        source: 'holdup: twice the usual maximum of servers in Java (200)',
      },
      r2: {
        default: 0.8,
        unit: 'ratio',
        description: 'share of the variance that a straight line explains, at the least',
        source: 'holdup: a pool that fills or follows the load bends or swings',
      },
      secondHalf: {
        default: 0.5,
        unit: 'ratio',
        description: "slope of the window's second half, of that of the whole, at the least",
        source: 'holdup: growth that comes to an end is a pool that fills',
      },
      withConnections: {
        default: 0.5,
        unit: 'ratio',
        description: 'growth of open sockets, of that of threads, from which on the threads are those of connections',
        source: 'holdup: a thread for each connection grows as they do',
      },
    },
  },

  detect({ signals: { threads, quality }, limits }) {
    const { series, sockets, fidelity } = threads
    const trend = trendOf(series)
    const lately = trendOf(series.slice(series.length >> 1))
    if (!trend || !lately) return []
    const grown = trend.perSecond * quality.windowSeconds
    const byRate = severityAt(trend.perSecond, limits.perSecond, limits.perSecondCritical)
    const isNoPool = grown >= limits.pool
    const severity = byRate === 'critical' && !isNoPool && threads.exited === 0 ? 'warning' : byRate
    if ((!severity && !isNoPool) || grown < limits.grown || trend.r2 < limits.r2) return []
    if (lately.perSecond < trend.perSecond * limits.secondHalf) return []
    const connections = sockets && trendOf(sockets)
    if (!connections) return { missing: ['open sockets, to tell threads of connections'] }
    if (connections.perSecond >= trend.perSecond * limits.withConnections) return []

    const evidence: Evidence[] = [
      { name: 'growth', value: trend.perSecond, unit: 'per second', limit: limits.perSecond, fidelity: 'sampled' },
      { name: 'more at the end', value: grown, unit: 'threads', limit: limits.grown, fidelity: 'sampled' },
      { name: 'straightness (R²)', value: trend.r2, unit: 'ratio', limit: limits.r2, fidelity: 'sampled' },
      { name: 'growth of sockets', value: connections.perSecond, unit: 'per second', fidelity: 'sampled' },
      { name: 'threads created', value: threads.created, unit: 'threads', fidelity },
      { name: 'threads ended', value: threads.exited, unit: 'threads', fidelity },
    ]
    const group = threads.growingGroup
    const creator = threads.creators[0]?.stack.find(isApplication)
    const counted = threads.creators.reduce((sum, { count }) => sum + count, 0)
    return [
      {
        severity: severity ?? 'warning',
        summary: `The number of threads grows by ${formatNumber(trend.perSecond)} a second (limit ${formatNumber(limits.perSecond)}) in a straight line, ${formatNumber(grown)} over the window${group ? `, mostly ${group}` : ''}${creator ? `, started in ${shortFrame(creator)}` : ''}; connections do not grow with them.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence,
        where: threads.creators
          .slice(0, PLACES)
          .map(({ stack, count }) => ({ role: 'created at', stack, share: count / counted })),
        advice:
          'See to it that what starts a thread also ends it: close the channel that it waits for, cancel and join it, give its waits a time-out. What only watches or waits belongs in one thread, or a task, for all.',
      },
    ]
  },
})
