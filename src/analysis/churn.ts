import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds, Ratio } from '../units.ts'

/** Below these no threads came and went: ticks and the order of reading leave as much unaccounted for. */
const DEAD_CPU: Ratio = 0.05
const DEAD_CPU_MS: Milliseconds = 30
/** Standard deviations either way. */
const Z = 2

/** Threads that a process created, between these. */
interface CreatedEstimate {
  low: number
  high: number
}

/**
 * Threads that a process created, by what they left behind: at most all that began meanwhile, less those that were seen to be
 * others' when the newest was looked up (the upper end of Wilson's score interval for that share). Null where its CPU time is that
 * of threads that are still there: then none came and went. An estimate: another process' threads that are as short-lived are
 * taken for its own.
 */
export function estimateCreated(records: readonly RecordOf<'churn'>[]): CreatedEstimate | null {
  const sum = (field: 'cpuMs' | 'deadCpuMs' | 'begun' | 'probes' | 'others') =>
    records.reduce((total, record) => total + record[field], 0)
  const deadCpuMs = sum('deadCpuMs')
  if (sum('probes') === 0 || deadCpuMs < DEAD_CPU_MS || deadCpuMs < DEAD_CPU * sum('cpuMs')) return null
  return { low: sum('begun') * (1 - highShare(sum('others'), sum('probes'))), high: sum('begun') }
}

/**
 * Processes that a process created: at least the share of all that began meanwhile which were seen to be its children when
 * the newest was looked up (the lower end of Wilson's score interval), for one that had ended by then may have been anybody's;
 * at most all but those that were seen to be others'. Null where no child was seen.
 */
export function estimateChildren(records: readonly RecordOf<'churn'>[]): CreatedEstimate | null {
  const sum = (field: 'begun' | 'probes' | 'others' | 'children') =>
    records.reduce((total, record) => total + (record[field] ?? 0), 0)
  const children = sum('children')
  if (children === 0) return null
  const [low] = wilson(children, sum('probes'))
  const [others] = wilson(sum('others') - children, sum('probes'))
  return { low: sum('begun') * low, high: sum('begun') * (1 - others) }
}

/** Upper end of Wilson's score interval. */
function highShare(hits: number, of: number): number {
  return wilson(hits, of)[1]
}

/** Wilson's score interval for a share. */
function wilson(hits: number, of: number): [low: number, high: number] {
  const p = hits / of
  const middle = p + Z ** 2 / (2 * of)
  const spread = Z * Math.sqrt((p * (1 - p)) / of + Z ** 2 / (4 * of ** 2))
  const scale = 1 + Z ** 2 / of
  return [Math.max(0, (middle - spread) / scale), (middle + spread) / scale]
}
