import { groupBy } from '../analysis/group-by.ts'
import { indexRecords } from '../analysis/index-records.ts'
import { nameThreads } from '../analysis/thread-names.ts'
import type { Recording } from '../recording/read.ts'
import { toCpuProfile } from '../stacks/cpuprofile.ts'
import type { ThreadProfile } from '../stacks/group-trees.ts'
import { nativeProfiles } from './native-profiles.ts'

/** The CPU profile of each thread that has one, V8's first, in the order in which they were first seen. */
export function* threadProfiles(recording: Recording): Generator<ThreadProfile> {
  const source = indexRecords(recording, [0, 0])
  const roleOf = nameThreads(source)
  for (const [key, pieces] of groupBy(source.of('profile'), ({ pid, tid }) => `${pid}-${tid}`)) {
    const [pid = 0, tid = 0] = key.split('-').map(Number)
    const { group } = roleOf({ pid, tid })
    yield { pid, tid, group, profile: toCpuProfile(pieces, source.text) }
  }
  yield* nativeProfiles(source)
}

/** Name of the .cpuprofile of a thread. */
export function cpuProfileName({ pid, tid }: { pid: number; tid: number }): string {
  return `cpu-${pid}-${tid}.cpuprofile`
}
