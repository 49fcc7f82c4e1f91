import type { Histogram } from '../recording/schema.ts'
import { groupBy } from './group-by.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import type { LibuvPool } from './signals.ts'

/** The pool of the process whose jobs take longest; null where no agent asked it for one. */
export function readLibuvPool(source: Source): LibuvPool | null {
  const pools = [...groupBy(source.within('pool'), ({ pid }) => pid)].map(([pid, records]) => {
    // One that has not been answered by the end counts as far as it got.
    const waitingMs = records.at(-1)?.waitingMs ?? 0
    const unanswered: Histogram[] = waitingMs > 0 ? [[[waitingMs, 1]]] : []
    const jobs = mergeHistograms([...records.map(({ latency }) => latency), ...unanswered])
    return { pid, jobs: jobs.reduce((sum, [, n]) => sum + n, 0), jobMs: quantiles(jobs) }
  })
  const [worst] = pools.toSorted((a, b) => b.jobMs.p50 - a.jobMs.p50)
  return worst ? { ...worst, fidelity: 'sampled' } : null
}
