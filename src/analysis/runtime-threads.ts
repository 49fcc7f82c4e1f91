import type { RecordOf } from '../recording/schema.ts'
import type { Ratio } from '../units.ts'
import type { Source } from './index-records.ts'
import { nativeShares } from './native-spans.ts'
import { runtimeShares } from './runtime-shares.ts'
import { toldByRuntime } from './told-by-runtime.ts'

/** Threads that began and ended, of a record that lies in the window by `share`. */
interface Spawn extends Pick<RecordOf<'native-spawn'>, 'pid' | 'stack' | 'created' | 'exited' | 'lifetimes'> {
  share: Ratio
}

/** Processes whose threads are counted: a JVM tells of its own who began them, others by the native agent or the kernel. */
export function countedThreads(source: Source): { pids: ReadonlySet<number>; spawns: Spawn[] } {
  const jvms = new Set([...toldByRuntime(source)].flatMap(([pid, of]) => (of === 'jvm' ? [pid] : [])))
  const shareOf = nativeShares(source)
  const native = source
    .of('native-spawn')
    .flatMap((record) => (jvms.has(record.pid) ? [] : [{ ...record, share: shareOf(record) }]))
  const { shareOf: ownShareOf } = runtimeShares(source)
  const own = source.of('runtime-spawn').map((record) => ({ ...record, share: ownShareOf(record) }))
  const pids = new Set([...source.of('native').map(({ pid }) => pid), ...jvms])
  return { pids, spawns: [...native, ...own].filter(({ share }) => share > 0) }
}
