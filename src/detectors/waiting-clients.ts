/** What detectors of servers share that leave clients waiting before the door: limits and evidence. */
import type { AcceptQueue } from '../analysis/signals.ts'
import type { Seconds } from '../units.ts'
import type { Evidence, Threshold } from './detector.ts'

export const WAITING_THRESHOLDS = {
  seconds: {
    default: 1,
    unit: 's',
    description: 'in which connections wait to be accepted, at the least',
    source: 'holdup: a burst of new connections is accepted in less',
  },
  share: {
    default: 0.5,
    unit: 'ratio',
    description: 'the same, of the window, at the least',
    source: 'holdup: every second client then meets a queue',
  },
  perSocket: {
    default: 2,
    unit: 'connections',
    description: 'that wait, for each socket that its processes have open',
    source: 'holdup: an event loop accepts what waits once a turn, so that it has more open than wait',
  },
} as const satisfies Record<string, Threshold>

type Limits = Record<keyof typeof WAITING_THRESHOLDS, number>

/** Evidence that clients are kept waiting, not by a burst nor by the turns of an event loop; null where they are not. */
export function waitingClients(
  { waiting, peak, seconds, opened, fidelity }: AcceptQueue,
  window: Seconds,
  limits: Limits,
): Evidence[] | null {
  const share = seconds / window
  // Sockets that could not be seen may be many.
  const perSocket = waiting / Math.max(1, opened ?? Infinity)
  if (seconds < limits.seconds || share < limits.share || perSocket < limits.perSocket) return null
  return [
    { name: 'connections that wait', value: waiting, unit: 'connections', fidelity },
    { name: 'at most', value: peak, unit: 'connections', fidelity },
    { name: 'time in which some wait', value: share, unit: 'ratio', limit: limits.share, fidelity },
    { name: 'waiting, for each open socket', value: perSocket, unit: 'connections', limit: limits.perSocket, fidelity },
  ]
}
