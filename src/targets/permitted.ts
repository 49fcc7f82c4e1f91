import { HoldupError } from '../errors.ts'
import { readProc } from './proc-listing.ts'
import { processFacts } from './process-facts.ts'
import { commandFor } from './rights.ts'

/**
 * The words of the command line of a process that holdup is permitted to attach to.
 * @throws {HoldupError} `target-not-permitted`.
 */
export function permittedCommand(pid: number): string[] {
  const facts = processFacts(pid)
  // Without /proc it is only known to live.
  if (!facts) return [`pid-${pid}`]
  if (!facts.descriptorsReadable) {
    const me = process.geteuid?.() ?? 0
    const theirs = `it is of user ${facts.uid}, ${me === 0 ? 'and root lacks CAP_SYS_PTRACE here' : `holdup runs as ${me}`}`
    throw new HoldupError('target-not-permitted', {
      pid,
      reason: facts.uid === me ? 'the system forbids to trace it' : theirs,
      instead: commandFor('CAP_SYS_PTRACE', facts),
    })
  }
  return (readProc(`/proc/${pid}/cmdline`, 65_536) ?? '').split('\0').filter((word) => word !== '')
}
