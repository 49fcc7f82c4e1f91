import { formatNumber } from '../../units.ts'
import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** Up to this value of kernel.perf_event_paranoid a user may profile processes of its own (perf_event_open(2)). */
const PROFILES_OWN = 2
/** Files that are kept open of a thousand threads. */
const OPEN_FILES = 4096

/** What native programs that run already, and what CPU they use, can be seen by: one row a tier. */
export function tierChecks(machine: Machine): Check[] {
  return machine.platform === 'linux' ? [tracefs(machine), perf(machine), openFiles(machine)] : []
}

function tracefs({ tracefsFailure, uid }: Machine): Check {
  const what = 'tracefs'
  if (tracefsFailure === null)
    return {
      what,
      state: 'ok',
      means: 'lock waits, threads, loop turns and requests of running native programs, exact',
    }
  return {
    what,
    state: 'degraded',
    means: `${tracefsFailure}: lock waits and threads of native programs that run already are sampled, not exact`,
    command: uid === 0 ? 'grep tracefs /proc/filesystems' : 'sudo holdup attach --port 8080',
    but: 'native programs that run already are only sampled',
  }
}

function perf({ perf: hasPerf, perfParanoid, uid }: Machine): Check {
  const what = 'perf'
  const but = 'it samples no CPU stacks of native programs with perf'
  const setting = `kernel.perf_event_paranoid is ${perfParanoid}`
  if (perfParanoid === null || (uid !== 0 && perfParanoid > PROFILES_OWN))
    return {
      what,
      state: 'degraded',
      means:
        perfParanoid === null
          ? 'this kernel has no perf events: CPU stacks of native programs are not to be had from it'
          : `${setting}, must be ${PROFILES_OWN} at most for CPU stacks of native programs`,
      command: `sudo sysctl kernel.perf_event_paranoid=${PROFILES_OWN}`,
      but,
    }
  if (hasPerf) return { what, state: 'ok', means: `CPU stacks of native programs: ${setting}` }
  const means = 'perf is not on the PATH, must be for CPU stacks of native programs'
  return { what, state: 'degraded', means, command: 'sudo apt-get install linux-perf', but }
}

function openFiles({ openFiles: limit }: Machine): Check {
  const what = 'open files'
  if (limit === null || limit >= OPEN_FILES)
    return {
      what,
      state: 'ok',
      means: `${limit === null ? 'no limit' : formatNumber(limit)}: enough for a thousand threads`,
    }
  return {
    what,
    state: 'degraded',
    means: `the limit is ${formatNumber(limit)}, must be ${formatNumber(OPEN_FILES)} to keep the files of a thousand threads open: sampling more takes longer`,
    command: `ulimit -n ${OPEN_FILES}`,
    but: 'many threads are sampled slowly',
  }
}
