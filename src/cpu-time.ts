import type { Milliseconds } from './units.ts'

/** CPU that this process used meanwhile: on a busy machine time is long for want of a core. */
export function cpuMsOf(action: () => void): Milliseconds {
  const before = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
