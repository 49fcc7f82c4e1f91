import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** Up to this value of kernel.perf_event_paranoid a user may profile processes of its own (perf_event_open(2)). */
const OWN_PROCESSES = 2

/** What is needed to see into a native target. */
export function nativeChecks(machine: Machine): Check[] {
  return machine.platform === 'linux' ? [agent(machine), perf(machine)] : []
}

function agent({ nativeAgentBuilt }: Machine): Check {
  const what = 'native agent'
  if (nativeAgentBuilt)
    return { what, state: 'ok', means: 'lock waits and threads, counted, of native programs that holdup launches' }
  return {
    what,
    state: 'missing',
    means: `it is not built for ${process.arch}: lock waits and threads of native programs are sampled from outside only`,
    command: 'sudo apt-get install gcc && npm run build',
    but: 'it only samples native programs, from outside',
  }
}

function perf({ perf, perfParanoid, rights }: Machine): Check {
  const what = 'perf'
  const but = 'it sees not where native programs use CPU'
  if (!perf)
    return {
      what,
      state: 'missing',
      means: 'it is not installed: no CPU stacks of native programs',
      command: 'sudo apt-get install linux-perf',
      but,
    }
  const mayProfile =
    perfParanoid !== null && (perfParanoid <= OWN_PROCESSES || rights.CAP_PERFMON || rights.CAP_SYS_ADMIN)
  if (mayProfile) return { what, state: 'ok', means: 'CPU stacks of native programs' }
  return {
    what,
    state: 'missing',
    means:
      perfParanoid === null
        ? 'this kernel has no performance events: no CPU stacks of native programs'
        : `kernel.perf_event_paranoid is ${perfParanoid}, must be ${OWN_PROCESSES}: no CPU stacks of native programs`,
    command:
      perfParanoid === null
        ? 'grep PERF_EVENTS "/boot/config-$(uname -r)"'
        : `sudo sysctl kernel.perf_event_paranoid=${OWN_PROCESSES}`,
    but,
  }
}
