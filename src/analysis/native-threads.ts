import type { Histogram } from '../recording/schema.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import { heaviest } from './lock-parts.ts'
import { countedThreads } from './runtime-threads.ts'
import type { Quantiles } from './signals.ts'

interface NativeThreads {
  /** Processes whose threads were counted. */
  pids: ReadonlySet<number>
  created: number
  exited: number
  lifetimeMs: Quantiles | null
  creators: { stack: string[]; count: number }[]
}

/** Threads as they were counted at each creation and exit; null where nobody did. */
export function readNativeThreads(source: Source): NativeThreads | null {
  const { pids, spawns } = countedThreads(source)
  if (pids.size === 0) return null
  const creators = new Map<number | undefined, number>()
  const lifetimes: Histogram[] = []
  let created = 0
  let exited = 0
  for (const { share, ...record } of spawns) {
    created += record.created * share
    exited += record.exited * share
    creators.set(record.stack, (creators.get(record.stack) ?? 0) + record.created * share)
    lifetimes.push(record.lifetimes)
  }
  const histogram = mergeHistograms(lifetimes)
  return {
    pids,
    created,
    exited,
    lifetimeMs: histogram.length > 0 ? quantiles(histogram) : null,
    creators: heaviest(creators, source).flatMap(({ stack, weight }) => (weight > 0 ? [{ stack, count: weight }] : [])),
  }
}
