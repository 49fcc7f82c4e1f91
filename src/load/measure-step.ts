import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import type { LoadDriver } from './load-driver.ts'

/** A step: the load's records of it, which cover it without a gap. */
export interface MeasuredStep {
  from: Milliseconds
  to: Milliseconds
  records: RecordOf<'load'>[]
}

/** A slow service: so many requests of each connection are waited for, as long as that takes no more than this many times as long. */
const REQUESTS_EACH = { settle: 1, measure: 4 }
const LONGEST = 3

/**
 * Runs so many connections, lets them settle, and measures, each for at least so long. Rejects when the load ends meanwhile.
 */
export async function measureStep(
  load: LoadDriver,
  connections: number,
  { settleMs, ms }: { settleMs: Milliseconds; ms: Milliseconds },
): Promise<MeasuredStep> {
  load.resize(connections)
  const settling = { from: performance.now(), requests: 0 }
  const records: RecordOf<'load'>[] = []
  let from: Milliseconds | undefined
  let requests = 0
  const isOver = (passed: Milliseconds, least: Milliseconds, enough: boolean) =>
    passed >= least && (enough || passed >= LONGEST * least)
  try {
    return await new Promise((resolve, reject) => {
      void load.ended().then(() => reject(new Error('the load ended within a step')))
      load.onRecord = (record) => {
        if (from === undefined) {
          settling.requests += record.requests
          const settled = settling.requests >= REQUESTS_EACH.settle * connections
          // The one that is under way when the settling ends belongs to both.
          if (isOver(performance.now() - settling.from, settleMs, settled)) from = record.t
          return
        }
        records.push(record)
        requests += record.requests
        if (isOver(record.t - from, ms, requests >= REQUESTS_EACH.measure * connections))
          resolve({ from, to: record.t, records })
      }
    })
  } finally {
    load.onRecord = undefined
  }
}
