import type { LockWait } from '../analysis/lock-signals.ts'
import type { PprofSample } from '../stacks/pprof.ts'

const NS_PER_SECOND = 1e9

/** Waits for locks by where they were: how many, and their time in ns. */
export function lockSamples(lockWait: LockWait | null): PprofSample[] {
  const locks = lockWait?.locks.filter(({ role, waitSeconds }) => role === 'lock' && waitSeconds > 0) ?? []
  return locks.flatMap(({ name, kind, waits, waitSeconds, waiters }) => {
    const placed = waiters.reduce((sum, { seconds }) => sum + seconds, 0)
    // Of what was not captured the place is not known.
    const rest = { stack: [] as string[], seconds: Math.max(0, waitSeconds - placed) }
    return [...waiters, rest].flatMap(({ stack, seconds }): PprofSample[] => {
      const values = [((waits ?? 0) * seconds) / waitSeconds, seconds * NS_PER_SECOND]
      const frames = stack.length > 0 ? stack : [`(waits for ${kind})`]
      return seconds > 0 ? [{ stack: frames, values, labels: { lock: name } }] : []
    })
  })
}
