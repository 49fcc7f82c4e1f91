import type { Histogram, RecordOf } from '../recording/schema.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import { nativeShares } from './native-spans.ts'
import type { Http } from './signals.ts'

/** One interval's requests, whoever counted them. */
interface Interval {
  requests: number
  timeouts: number
  resets: number
  non2xx: number
  sumMs: number
  sumSqMs: number
  inFlightPeak: number
  latency: Histogram
}

/** Requests as the target's own servers saw them; null where none was seen by an agent. */
export function readServerHttp(source: Source): Http | null {
  if (source.of('http').length === 0) return null
  const records = source.within('http')
  // Several processes and threads can serve: their peaks add up as if they came together.
  const peaks = new Map<string, number>()
  const intervals = records.map((record) => {
    const owner = `${record.pid}/${record.tid}`
    peaks.set(owner, Math.max(peaks.get(owner) ?? 0, record.inFlightPeak))
    return { ...record, requests: record.finished, timeouts: 0, resets: record.aborted, inFlightPeak: 0 }
  })
  const http = summarise(intervals, source.windowMs, 'agent')
  return { ...http, inFlightPeak: [...peaks.values()].reduce((sum, peak) => sum + peak, 0) }
}

/** Requests as holdup's own load driver saw them; null when it drove none. */
export function readClientHttp(source: Source): Http | null {
  return source.of('load').length === 0 ? null : summariseLoad(source.within('load'), source.windowMs)
}

/** Requests of some records of the load driver, over so long. */
export function summariseLoad(records: readonly RecordOf<'load'>[], ms: Milliseconds): Http {
  const intervals = records.map((record) => ({ ...record, resets: record.errors, inFlightPeak: record.inFlight }))
  return summarise(intervals, ms, 'client')
}

/** Share of the requests that failed: those without an answer have none among `requests`. */
export function errorShareOf({ requests, errors, timeouts, resets }: Http): Ratio {
  return errors / Math.max(1, requests + timeouts + resets)
}

/** Requests that native servers were seen to answer; null where no agent counted any. */
export function countNativeRequests(source: Source): number | null {
  const shareOf = nativeShares(source)
  const records = source.of('native-requests').filter((record) => shareOf(record) > 0)
  return records.length > 0 ? Math.round(records.reduce((sum, each) => sum + each.requests * shareOf(each), 0)) : null
}

function summarise(intervals: readonly Interval[], windowMs: number, source: Http['source']): Http {
  const sum = (field: Exclude<keyof Interval, 'latency'>) =>
    intervals.reduce((total, interval) => total + interval[field], 0)
  const requests = sum('requests')
  const latency = mergeHistograms(intervals.map((interval) => interval.latency))
  const measured = latency.reduce((total, [, count]) => total + count, 0)
  const mean = measured > 0 ? sum('sumMs') / measured : 0
  const variance = measured > 0 ? Math.max(0, sum('sumSqMs') / measured - mean * mean) : 0
  const timeouts = sum('timeouts')
  const resets = sum('resets')
  const non2xx = sum('non2xx')
  return {
    requests,
    timeouts,
    resets,
    non2xx,
    errors: timeouts + resets + non2xx,
    perSecond: requests / (windowMs / 1000),
    latencyMs: { mean, stddev: Math.sqrt(variance), ...quantiles(latency) },
    inFlightPeak: intervals.reduce((peak, interval) => Math.max(peak, interval.inFlightPeak), 0),
    // Little's law: requests in flight = their rate × their time.
    inFlightMean: sum('sumMs') / windowMs,
    source,
  }
}
