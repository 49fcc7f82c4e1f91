import { hasCapability } from './capabilities.ts'
import type { Runtime } from './identify.ts'
import { isStopped, type ProcessFacts } from './process-facts.ts'

/** How much holdup sees of a process that it attaches to. */
export interface Sees {
  /** `agent`: what Node tells of itself too. `native signals`: what /proc tells. `no`: next to nothing. */
  sees: 'agent' | 'native signals' | 'no'
  /** What keeps it from seeing more, null where nothing does. */
  lacks: string | null
}

/** How much holdup would see of a process, and what it lacks to see more. */
export function whatItSees(facts: ProcessFacts, runtime: Runtime): Sees {
  if (!facts.descriptorsReadable) return { sees: 'no', lacks: missingRight(facts.uid) }
  const lacks = runtime === 'node' ? missingForAgent(facts) : null
  if (runtime === 'node' && lacks === null) return { sees: 'agent', lacks }
  return { sees: 'native signals', lacks }
}

function missingRight(uid: number): string {
  if (process.geteuid?.() === 0) return 'CAP_SYS_PTRACE'
  return uid === 0 || uid === process.geteuid?.() ? 'root' : `root or uid ${uid}`
}

function missingForAgent(facts: ProcessFacts): string | null {
  const { catchesSigusr1, otherNamespaces } = facts
  if (isStopped(facts)) return 'it is stopped'
  if (!catchesSigusr1) return 'it does not catch SIGUSR1'
  const apart = otherNamespaces?.includes('net') ?? false
  // Without that right only its owner sees into it, who may enter it too.
  const owned = otherNamespaces?.includes('user') && !hasCapability('CAP_SYS_PTRACE')
  return apart && !owned && !hasCapability('CAP_SYS_ADMIN') ? 'CAP_SYS_ADMIN, for its container' : null
}
