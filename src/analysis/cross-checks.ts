import type { Milliseconds, Ratio } from '../units.ts'
import { estimateCreated } from './churn.ts'
import { groupBy } from './group-by.ts'
import { countNativeRequests } from './http.ts'
import type { Source } from './index-records.ts'
import { readNativeLocks } from './native-locks.ts'
import { nativeShares } from './native-spans.ts'
import { toldByRuntime } from './told-by-runtime.ts'
import { isStorm } from './sampled-locks.ts'
import type { CrossCheck, Http } from './signals.ts'

/** What chance and clocks that are read apart may add to what a probe says of its own error. */
const SLACK: Ratio = 0.05
/** Less lock wait than this, less threads or requests, prove nothing. */
const LEAST_SECONDS = 0.5
const LEAST_COUNT = 100

/** The figures that two probes had of the same processes, the more exact one's held against what the other leaves open. */
export function crossCheck(source: Source, http: Http | null): CrossCheck[] {
  // What a runtime tells of itself is more than what the sampler can see of it.
  const told = toldByRuntime(source)
  const isCounted = ({ pid }: { pid: number }) =>
    !told.has(pid) && source.of('native').some((native) => native.pid === pid)
  const sampled = source.within('sampled').filter(isCounted)
  const checks = [...groupBy(sampled, ({ pid }) => pid)].flatMap(([pid, records]) => {
    const begins = Math.min(...records.map(({ t, ms }) => t - ms))
    const ends = Math.max(...records.map(({ t }) => t))
    const span: [Milliseconds, Milliseconds] = [begins, ends]
    const own = { ...source, window: span, windowMs: Math.max(1, ends - begins) }
    return [lockWait(pid, own, source), threads(pid, own, source)]
  })
  return [...checks, requests(source, http)].filter((check) => check !== null)
}

function lockWait(pid: number, own: Source, source: Source): CrossCheck | null {
  // What the sampler says of itself there is that it cannot tell.
  if (isStorm(source)) return null
  const seen = source.within('blocked').filter((record) => record.pid === pid && record.state === 'contended')
  const looks = seen.reduce((sum, { n }) => sum + n, 0)
  const sum = (field: 'ms' | 'queuedMs') => seen.reduce((ms, record) => ms + record[field], 0) / 1000
  const locks = readNativeLocks(own)?.locks.filter((lock) => lock.pid === pid && lock.role === 'lock') ?? []
  const value = locks.reduce((seconds, { waitSeconds }) => seconds + waitSeconds, 0)
  const low = sum('ms')
  if (Math.max(value, low) < LEAST_SECONDS) return null
  const slack = SLACK + 1 / Math.sqrt(Math.max(1, looks))
  const by = { signal: 'lock wait', unit: 's', pid, by: counter(pid, source), against: 'native-sampler' }
  return held(by, value, low * (1 - slack), (low + sum('queuedMs')) * (1 + slack))
}

function threads(pid: number, own: Source, source: Source): CrossCheck | null {
  const estimate = estimateCreated(source.within('churn').filter((record) => record.pid === pid))
  const shareOf = nativeShares(own)
  const value = source
    .of('native-spawn')
    .filter((record) => record.pid === pid)
    .reduce((sum, record) => sum + record.created * shareOf(record), 0)
  if (!estimate || Math.max(value, estimate.low) < LEAST_COUNT) return null
  const by = { signal: 'threads created', unit: 'threads', pid, by: counter(pid, source), against: 'native-sampler' }
  return held(by, Math.round(value), estimate.low * (1 - SLACK), estimate.high * (1 + SLACK))
}

function requests(source: Source, http: Http | null): CrossCheck | null {
  const value = countNativeRequests(source)
  if (value === null || http?.source !== 'client' || http.requests < LEAST_COUNT) return null
  const [first] = source.of('native-requests')
  const by = { signal: 'requests', unit: 'requests', pid: null, by: counter(first?.pid ?? 0, source), against: 'load' }
  return held(by, value, http.requests * (1 - SLACK), http.requests * (1 + SLACK))
}

function held(
  of: Omit<CrossCheck, 'value' | 'low' | 'high' | 'agrees'>,
  value: number,
  low: number,
  high: number,
): CrossCheck {
  return { ...of, value, low, high, agrees: value >= low && value <= high }
}

/** The probe that counts in a process. */
function counter(pid: number, source: Source): string {
  return source.of('native').find((native) => native.pid === pid)?.by ?? 'native'
}
