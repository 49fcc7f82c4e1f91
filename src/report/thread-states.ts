/** The thread-time breakdown as every view shows it. */
import type { ThreadState } from '../analysis/signals.ts'
import type { Seconds } from '../units.ts'
import type { Report } from './model.ts'

/** States in the order in which bars and tables show them; what costs stands first. */
export const THREAD_STATES: readonly { id: ThreadState; label: string; short: string; meaning: string }[] = [
  { id: 'onCpu', label: 'on CPU', short: 'on CPU', meaning: 'running' },
  { id: 'runnable', label: 'runnable', short: 'runnable', meaning: 'ready, waiting for a core' },
  { id: 'lockWait', label: 'lock wait', short: 'lock', meaning: 'held up by another thread' },
  { id: 'ioWait', label: 'I/O wait', short: 'I/O', meaning: 'waiting for disk or network' },
  { id: 'sleeping', label: 'sleeping', short: 'sleep', meaning: 'in a timer or a blocking call of its own' },
  { id: 'idleWait', label: 'idle', short: 'idle', meaning: 'parked, waiting for work' },
  { id: 'unknown', label: 'unknown', short: 'unknown', meaning: 'not measured' },
]

/** A group's thread time in seconds per second, that is: how many of its threads were in each state, on average. */
export interface GroupRates {
  group: string
  threads: number
  rates: Record<ThreadState, number>
  /** Sum of `rates`: the threads alive, on average. */
  total: number
}

/** Length of the analysed window. */
export function windowSeconds(report: Report): Seconds {
  return report.recording.window[1] - report.recording.window[0]
}

/** What groups are sorted by: all that costs, that is running, wanting to run and being held up; or one state. */
export type GroupOrder = ThreadState | 'cost'

function weight({ rates }: GroupRates, by: GroupOrder): number {
  return by === 'cost' ? rates.onCpu + rates.runnable + rates.lockWait : rates[by]
}

/** Thread time per second of the window; groups with most of what they are sorted by stand first. */
export function groupRates(report: Report, by: GroupOrder = 'cost'): GroupRates[] {
  const seconds = windowSeconds(report)
  return report.threadTime
    .map(({ group, threads, seconds: spent }) => {
      const rates = { ...spent }
      for (const { id } of THREAD_STATES) rates[id] = seconds > 0 ? spent[id] / seconds : 0
      const total = THREAD_STATES.reduce((sum, { id }) => sum + rates[id], 0)
      return { group, threads, rates, total }
    })
    .toSorted((a, b) => weight(b, by) - weight(a, by) || b.total - a.total)
}
