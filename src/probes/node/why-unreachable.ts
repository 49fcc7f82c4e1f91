import { isStopped, type ProcessFacts } from '../../targets/process-facts.ts'
import { commandFor } from '../../targets/rights.ts'
import { whatItSees } from '../../targets/what-it-sees.ts'

/** Why the agent can't be brought into this Node process, with the command that would change it; null where it can. */
export function whyUnreachable(facts: ProcessFacts): string | null {
  const { pid, state } = facts
  if (state === 'Z' || state === 'X') return 'it has exited'
  const { lacks, sees } = whatItSees(facts, 'node')
  if (lacks === null) return null
  if (isStopped(facts)) return `${lacks}; kill -CONT ${pid} lets it go on`
  // Disabled by --disable-sigusr1, the permission model, or never there: it would die of it.
  if (!facts.catchesSigusr1) return `${lacks}, so that no inspector can be opened in it`
  return `that needs ${lacks}: ${commandFor(sees === 'no' ? 'CAP_SYS_PTRACE' : 'CAP_SYS_ADMIN', facts)}`
}
