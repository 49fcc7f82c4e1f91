import type { Milliseconds } from '../units.ts'
import type { RecordOf } from './schema.ts'

/** One look at all threads of a process, in columns: an hour has millions of rows, and an array for each would be most of the memory. */
export type Sweep = RecordOf<'threads'>
type Columns = Pick<Sweep, 'tids' | 'cpuMs' | 'queuedMs' | 'states' | 'waits'>
/** One thread's part in it. */
export type SweepRow = readonly [tid: number, cpuMs: Milliseconds, queuedMs: Milliseconds, state: string, wait: number]

export function columnsOf(rows: readonly SweepRow[]): Columns {
  return {
    tids: rows.map(([tid]) => tid),
    cpuMs: rows.map(([, cpuMs]) => cpuMs),
    queuedMs: rows.map(([, , queuedMs]) => queuedMs),
    states: rows.map(([, , , state]) => state).join(''),
    waits: rows.map(([, , , , wait]) => wait),
  }
}

/** Rows that every column has: nothing else makes a hostile recording keep them equal. */
export function rowCount({ tids, cpuMs, queuedMs, states, waits }: Columns): number {
  return Math.min(tids.length, cpuMs.length, queuedMs.length, states.length, waits.length)
}

export function rowsOf(sweep: Columns): SweepRow[] {
  const { tids, cpuMs, queuedMs, states, waits } = sweep
  return Array.from({ length: rowCount(sweep) }, (_, i) => [
    tids[i] ?? 0,
    cpuMs[i] ?? 0,
    queuedMs[i] ?? 0,
    states[i] ?? '?',
    waits[i] ?? -1,
  ])
}
