import type { Milliseconds, Ratio } from '../units.ts'
import type { Source } from './index-records.ts'
import type { Lock } from './signals.ts'
import { overlap } from './overlap.ts'
import { threadKey } from './thread-names.ts'
import type { Span } from './thread-split.ts'
import { stepAt, stepSpans, type TimeSteps } from './time-steps.ts'
import { nativeLockWaits } from './wait-timelines.ts'

/** Lock wait of a thread, by `pid/tid`, in one of the spans. */
export type LockWaitIn = (thread: string, span: number) => Milliseconds

/**
 * When each thread waited for locks. Waits of JavaScript threads are known one by one; those of others, of which only the window's sum
 * is, are taken to be as frequent all the time.
 */
export function lockWaitBySpan(
  source: Source,
  locks: readonly Lock[],
  msByThread: ReadonlyMap<string, Milliseconds>,
  spans: readonly Span[],
): LockWaitIn {
  const slots = new Set(locks.flatMap(({ role, pid, slot }) => (role === 'lock' ? [`${pid} ${slot}`] : [])))
  const known = new Map<string, Float64Array>()
  const [first = [0, 1] as const] = spans
  const stepMs = first[1] - first[0]
  for (const wait of source.of('wait')) {
    if (wait.async || !slots.has(`${wait.pid} ${wait.slot}`)) continue
    const key = threadKey(wait)
    let sums = known.get(key)
    if (!sums) known.set(key, (sums = new Float64Array(spans.length)))
    const length = Math.max(wait.t - wait.from, 1e-6)
    const last = Math.min(spans.length - 1, Math.floor((wait.t - first[0]) / stepMs))
    for (let i = Math.max(0, Math.floor((wait.from - first[0]) / stepMs)); i <= last; i++)
      sums[i] = (sums[i] ?? 0) + (wait.ms * overlap([wait.from, wait.t], spans[i] ?? [0, 0])) / length
  }
  return (thread, span) =>
    known.get(thread)?.[span] ?? ((msByThread.get(thread) ?? 0) * stepMs) / Math.max(1, source.windowMs)
}

/** Of a lock's waits in the window (`pid slot`) the share that lies in each step; of locks whose waits have a time. */
export type LockStepShares = ReadonlyMap<string, readonly (readonly [step: number, share: Ratio])[]>

/** When each lock was waited for. */
export function lockStepShares(source: Source, steps: TimeSteps): LockStepShares {
  const spans = stepSpans(steps)
  const sums = new Map<string, Float64Array>()
  const javascript = source.of('wait').flatMap(({ async, pid, slot, from, t, ms }) => {
    return async ? [] : [{ lock: `${pid} ${slot}`, span: [from, t] as const, ms }]
  })
  for (const { lock, span, ms } of [...javascript, ...nativeLockWaits(source)]) {
    const [from, to] = [Math.max(span[0], source.window[0]), Math.min(span[1], source.window[1])]
    if (lock === null || to <= from) continue
    let sum = sums.get(lock)
    if (!sum) sums.set(lock, (sum = new Float64Array(spans.length)))
    for (let i = stepAt(steps, from); i <= stepAt(steps, to); i++)
      sum[i] = (sum[i] ?? 0) + (ms * overlap([from, to], spans[i] ?? [0, 0])) / (span[1] - span[0])
  }
  return new Map([...sums].flatMap(([lock, sum]) => sharesOf(lock, sum)))
}

function sharesOf(lock: string, sum: Float64Array): [string, [number, Ratio][]][] {
  const total = sum.reduce((all, ms) => all + ms, 0)
  if (total <= 0) return []
  return [[lock, [...sum].flatMap((ms, step): [number, Ratio][] => (ms > 0 ? [[step, ms / total]] : []))]]
}
