import { HoldupError, quoteArgument } from '../errors.ts'
import { redactCommand } from '../recording/redact.ts'
import { shortenMiddle } from '../recording/shorten.ts'
import type { RunningProcess } from './running-processes.ts'

const NAMED_AT_MOST = 20
const COMMAND_CHARACTERS = 60

/** The pid of the only one; of several the user must choose. Throws HoldupError `target-ambiguous`. */
export function onlyOne(meant: readonly RunningProcess[], given: { option: string; value: string }): number {
  const [first, ...others] = meant.toSorted((a, b) => a.start - b.start || a.pid - b.pid)
  if (first === undefined) throw new RangeError('none is meant')
  if (others.length === 0) return first.pid
  const all = [first, ...others]
  throw new HoldupError('target-ambiguous', {
    given: `${given.option} ${quoteArgument(given.value)}`,
    count: all.length,
    candidates: all.slice(0, NAMED_AT_MOST).map(describe),
    pid: first.pid,
  })
}

function describe({ pid, ppid, argv, comm }: RunningProcess): string {
  return `${pid} (parent ${ppid}) ${shortenMiddle(redactCommand(argv) || comm, COMMAND_CHARACTERS)}`
}
