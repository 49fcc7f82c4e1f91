import type { Milliseconds } from '../../units.ts'
import type { JvmEvents } from './events.ts'
import { SAMPLE_EVERY_MS } from './settings.ts'

/** A thread that ran Java code, as in a record `on-cpu`: up to `t` for `ms` of CPU, leaf first. */
interface CpuRow {
  tid: number
  t: Milliseconds
  ms: Milliseconds
  stack: string[]
}

/**
 * The JVM's samples as CPU time. Each time it looks at up to five threads that are in Java code, whether they have a core or wait for one: of more
 * than there are cores each counts for less.
 */
export function cpuRows(samples: JvmEvents['samples'], cores: number): CpuRow[] {
  const looks = new Map<number, number>()
  const lookOf = (t: Milliseconds) => Math.floor(t / SAMPLE_EVERY_MS)
  for (const { t } of samples) looks.set(lookOf(t), (looks.get(lookOf(t)) ?? 0) + 1)
  return samples.flatMap(({ t, tid, stack }) => {
    const ms = SAMPLE_EVERY_MS * Math.min(1, cores / (looks.get(lookOf(t)) ?? 1))
    return t > 0 ? [{ tid, t: Math.round(t), ms: Math.round(ms * 1000) / 1000, stack }] : []
  })
}
