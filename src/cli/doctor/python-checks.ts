import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** What is needed to see into a Python target. */
export function pythonChecks(machine: Machine): Check[] {
  return machine.platform === 'linux' ? [pySpy(machine)] : []
}

function pySpy({ pySpy, ptraceScope, rights }: Machine): Check {
  const what = 'py-spy'
  const means = 'CPU stacks of Python programs are those of the interpreter, not of their functions'
  const but = 'of Python programs it sees no functions'
  if (!pySpy)
    return { what, state: 'degraded', means: `it is not installed: ${means}`, command: 'pip install py-spy', but }
  if (rights.CAP_SYS_PTRACE || !ptraceScope) return { what, state: 'ok', means: 'CPU stacks of Python programs' }
  return {
    what,
    state: 'degraded',
    means: `kernel.yama.ptrace_scope is ${ptraceScope}, must be 0: ${means}`,
    command: 'sudo sysctl kernel.yama.ptrace_scope=0',
    but,
  }
}
