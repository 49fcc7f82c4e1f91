import { analyse } from '../analysis/analyse.ts'
import type { Recording } from '../recording/read.ts'
import type { PprofSample } from '../stacks/pprof.ts'
import type { Seconds } from '../units.ts'

const NS_PER_SECOND = 1e9

/** Waits for locks by where they were: how many, and their time in ns, of the window that the report judges. */
export function lockSamples(recording: Recording): { samples: PprofSample[]; windowSeconds: Seconds } {
  const { signals, window } = analyse(recording)
  const locks = signals.lockWait?.locks.filter(({ role, waitSeconds }) => role === 'lock' && waitSeconds > 0) ?? []
  const samples = locks.flatMap(({ name, kind, waits, waitSeconds, waiters }) => {
    const placed = waiters.reduce((sum, { seconds }) => sum + seconds, 0)
    // Of what was not captured the place is not known.
    const rest = { stack: [] as string[], seconds: Math.max(0, waitSeconds - placed) }
    return [...waiters, rest].flatMap(({ stack, seconds }): PprofSample[] => {
      const values = [((waits ?? 0) * seconds) / waitSeconds, seconds * NS_PER_SECOND]
      const frames = stack.length > 0 ? stack : [`(waits for ${kind})`]
      return seconds > 0 ? [{ stack: frames, values, labels: { lock: name } }] : []
    })
  })
  return { samples, windowSeconds: (window[1] - window[0]) / 1000 }
}
