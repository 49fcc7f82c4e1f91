import type { ProcessFacts } from '../../targets/process-facts.ts'

/** Why the agent can't be brought into this process, with the command that would change it; null where it can. */
export function whyUnreachable({ pid, uid, state, catchesSigusr1, otherNamespaces }: ProcessFacts): string | null {
  const euid = process.geteuid?.() ?? 0
  if (state === 'Z' || state === 'X') return 'it has exited'
  if (state === 'T' || state === 't') return `it is stopped; kill -CONT ${pid} lets it go on`
  if (euid !== 0 && euid !== uid) return `it is another user's; sudo holdup attach ${pid}`
  if (!catchesSigusr1) {
    return 'it does not catch SIGUSR1, so it has no inspector to open (--disable-sigusr1, --permission) and would die of it'
  }
  if (otherNamespaces?.includes('net') && euid !== 0 && !otherNamespaces.includes('user'))
    return `its inspector opens in another network namespace; sudo holdup attach ${pid}`
  return null
}
