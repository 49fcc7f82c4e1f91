import type { AnyRecord } from '../schema.ts'
import { DELTA_RULES } from './merge-records.ts'
import type { DeltaRecord } from './merge-records.ts'
import type { Survey } from './survey.ts'

/** True for a record that counts since the one before. */
export function isDelta(record: AnyRecord): record is DeltaRecord {
  return record.k in DELTA_RULES
}

/**
 * What is kept of a record when threads and processes that are gone lose their identity: what they counted goes to
 * thread 0 of their process, or of process 0, and the rest is left out (null).
 */
export function forgetGone(record: AnyRecord, survey: Survey): AnyRecord | null {
  if (!('pid' in record)) return record
  const { pid } = record
  const processGone = survey.isProcessGone(pid)
  if (isDelta(record)) {
    if (processGone) return 'tid' in record ? { ...record, pid: 0, tid: 0 } : { ...record, pid: 0 }
    return 'tid' in record && survey.isGone(pid, record.tid) ? { ...record, tid: 0 } : record
  }
  if (record.k === 'worker-birth' || record.k === 'worker-death') {
    return survey.isWorkerGone(pid, record.worker) ? null : record
  }
  if (record.k === 'child' && survey.isProcessGone(record.child)) return null
  return processGone || ('tid' in record && survey.isGone(pid, record.tid)) ? null : record
}
