import { formatNumber } from '../../units.ts'
import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** Files that are kept open of a thousand threads. */
const OPEN_FILES = 4096

/** What native programs that run already can be seen by. */
export function tierChecks(machine: Machine): Check[] {
  return machine.platform === 'linux' ? [tracefs(machine), openFiles(machine)] : []
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
