import { setPriority } from 'node:os'

/** As `nice` has it by default. */
const NICE = 10

/** From now on a process, by default this one, leaves the cores to others: a service that goes on must not wait for a report. */
export function giveWay(pid = 0): void {
  try {
    setPriority(pid, NICE)
  } catch {
    // Gone already, or not permitted here; then it takes its turn as before.
  }
}
