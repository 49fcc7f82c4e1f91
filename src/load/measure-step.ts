import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import type { LoadDriver } from './load-driver.ts'

/** A step: the load's records of it, which cover it without a gap. */
export interface MeasuredStep {
  from: Milliseconds
  to: Milliseconds
  records: RecordOf<'load'>[]
}

/**
 * Runs so many connections, lets them settle, and measures: from the first of the load's records after that, for at least so long.
 * Rejects when the load ends meanwhile.
 */
export async function measureStep(
  load: LoadDriver,
  connections: number,
  { settleMs, ms }: { settleMs: Milliseconds; ms: Milliseconds },
): Promise<MeasuredStep> {
  load.resize(connections)
  const until = performance.now() + settleMs
  const records: RecordOf<'load'>[] = []
  let from: Milliseconds | undefined
  try {
    return await new Promise((resolve, reject) => {
      void load.ended().then(() => reject(new Error('the load ended within a step')))
      load.onRecord = (record) => {
        if (performance.now() < until) return
        // The one that is under way when the settling ends belongs to both.
        if (from === undefined) from = record.t
        else records.push(record)
        if (record.t - from >= ms) resolve({ from, to: record.t, records })
      }
    })
  } finally {
    load.onRecord = undefined
  }
}
