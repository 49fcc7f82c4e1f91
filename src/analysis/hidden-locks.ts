import type { Ratio } from '../units.ts'
import type { Source } from './index-records.ts'
import { cpuMsByProcess } from './processes.ts'
import { toldByRuntime } from './told-by-runtime.ts'

/** Go parks goroutines, the JVM the threads in a monitor's queue, each by its own means: no system call says what for, only the runtime can. */
const OWN_LOCKS: ReadonlySet<string> = new Set(['go', 'jvm'])
const MOSTLY: Ratio = 0.5

/** Whether most of what the target does is done by runtimes whose locks cannot be seen from outside: no wait seen is no news then. */
export function locksAreHidden(source: Source): boolean {
  const runtimes = new Map(source.of('process').map(({ pid, runtime }) => [pid, runtime ?? 'unknown']))
  const told = toldByRuntime(source)
  let hidden = 0
  let all = 0
  for (const [pid, ms] of cpuMsByProcess(source)) {
    all += ms
    if (OWN_LOCKS.has(runtimes.get(pid) ?? '') && !told.has(pid)) hidden += ms
  }
  return hidden > all * MOSTLY
}
