import type { RecordOf } from '../recording/schema.ts'
import type { Source } from './index-records.ts'

/** Processes whose runtime tells of its own locks: what other probes see of their waits is the same once more. */
export function toldByRuntime(source: Source): ReadonlyMap<number, RecordOf<'runtime'>['of']> {
  return new Map(source.of('runtime').map((record) => [record.pid, record.of]))
}
