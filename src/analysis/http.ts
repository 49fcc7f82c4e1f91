import type { Histogram, RecordOf } from '../recording/schema.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import { nativeShares } from './native-spans.ts'
import { shareWithin } from './overlap.ts'
import type { Http } from './signals.ts'

/** One interval's requests, whoever counted them. */
interface Interval {
  t: Milliseconds
  /** How much of it lies in the window, by which its requests count. */
  share: Ratio
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
  // Several processes and threads can serve: their peaks add up as if they came together.
  const peaks = new Map<string, number>()
  const toldAt = new Map<string, Milliseconds>()
  const intervals = source.of('http').map((record) => {
    const owner = `${record.pid}/${record.tid}`
    const share = shareWithin([toldAt.get(owner) ?? record.t, record.t], source.window)
    toldAt.set(owner, record.t)
    if (share > 0) peaks.set(owner, Math.max(peaks.get(owner) ?? 0, record.inFlightPeak))
    return { ...record, share, requests: record.finished, timeouts: 0, resets: record.aborted, inFlightPeak: 0 }
  })
  const http = summarise(intervals, source.window, 'agent')
  return { ...http, inFlightPeak: [...peaks.values()].reduce((sum, peak) => sum + peak, 0) }
}

/** Requests as holdup's own load driver saw them; null when it drove none. */
export function readClientHttp(source: Source): Http | null {
  return source.of('load').length === 0 ? null : summariseLoad(source.of('load'), source.window)
}

/** Requests of a window as the load driver's records have them. */
export function summariseLoad(records: readonly RecordOf<'load'>[], window: Source['window']): Http {
  const intervals = records.map((record) => {
    const share = shareWithin([record.t - record.ms, record.t], window)
    return { ...record, share, resets: record.errors, inFlightPeak: record.inFlight }
  })
  const http = summarise(intervals, window, 'client')
  // Requests that never end are in no latency.
  return { ...http, inFlightMean: Math.max(http.inFlightMean, inFlightOf(intervals)) }
}

/** Mean of what was in flight at the end of each record. */
function inFlightOf(intervals: readonly { ms: Milliseconds; share: Ratio; inFlight: number }[]): number {
  const ms = intervals.reduce((sum, each) => sum + each.ms * each.share, 0)
  return intervals.reduce((sum, each) => sum + each.inFlight * each.ms * each.share, 0) / Math.max(1, ms)
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

function summarise(all: readonly Interval[], [from, to]: Source['window'], source: Http['source']): Http {
  const windowMs = Math.max(1, to - from)
  const intervals = all.filter(({ share }) => share > 0)
  const shareOf = (field: 'requests' | 'timeouts' | 'resets' | 'non2xx' | 'sumMs') =>
    intervals.reduce((total, interval) => total + interval[field] * interval.share, 0)
  // A histogram is not cut: an interval's latencies are the window's where it ends there.
  const ended = intervals.filter(({ t }) => t > from && t <= to)
  const sum = (field: 'sumMs' | 'sumSqMs') => ended.reduce((total, interval) => total + interval[field], 0)
  const requests = Math.round(shareOf('requests'))
  const latency = mergeHistograms(ended.map((interval) => interval.latency))
  const measured = latency.reduce((total, [, count]) => total + count, 0)
  const mean = measured > 0 ? sum('sumMs') / measured : 0
  const variance = measured > 0 ? Math.max(0, sum('sumSqMs') / measured - mean * mean) : 0
  const timeouts = Math.round(shareOf('timeouts'))
  const resets = Math.round(shareOf('resets'))
  const non2xx = Math.round(shareOf('non2xx'))
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
    inFlightMean: shareOf('sumMs') / windowMs,
    source,
  }
}
