import { HoldupError } from '../errors.ts'
import { procAvailable } from '../probes/proc/available.ts'
import { isZombie } from '../probes/proc/stat.ts'
import { redactCommand } from '../recording/redact.ts'
import { readArgv, readProc, readStat } from './proc-listing.ts'

const LIST = 'holdup list --targets'

/** The same pid, when it is that of a process which lives and is not holdup. Throws HoldupError `no-such-pid` or `target-zombie`. */
export function findByPid(pid: number): number {
  if (pid === process.pid)
    throw new HoldupError('no-such-pid', { pid, reason: "it is holdup's own pid", instead: LIST })
  if (procAvailable()) lookInProc(pid)
  else if (!Number.isInteger(pid) || pid < 1 || signalTo(pid) === 'gone') throw new HoldupError('no-such-pid', { pid })
  return pid
}

function lookInProc(pid: number): void {
  const stat = Number.isInteger(pid) && pid > 0 ? readStat(pid) : null
  if (stat === null) throw new HoldupError('no-such-pid', { pid, ...whyUnseen(pid) })
  const owner = Number(/^Tgid:\s*(\d+)$/m.exec(readProc(`/proc/${pid}/status`, 65_536) ?? '')?.[1] ?? pid)
  if (owner !== pid) {
    const own = owner === process.pid
    throw new HoldupError('no-such-pid', {
      pid,
      reason: own ? 'it is a thread of holdup itself' : `it is a thread of pid ${owner}: ${commandOf(owner)}`,
      instead: own ? LIST : `holdup attach ${owner}`,
    })
  }
  if (isZombie(stat)) throw new HoldupError('target-zombie', { pid, ppid: stat.ppid, parent: commandOf(stat.ppid) })
  if (stat.rssPages === 0 && readArgv(pid).length === 0)
    throw new HoldupError('no-such-pid', { pid, reason: `it is a thread of the kernel, ${stat.comm}`, instead: LIST })
}

/** /proc mounted with hidepid keeps what is there from other users; a signal of no effect finds it. */
function whyUnseen(pid: number): { reason?: string; instead?: string } {
  if (!Number.isInteger(pid) || pid < 1 || signalTo(pid) !== 'denied') return {}
  return { reason: "it is another user's, and /proc hides those here (hidepid)", instead: `sudo holdup attach ${pid}` }
}

function signalTo(pid: number): 'reaches' | 'gone' | 'denied' {
  try {
    process.kill(pid, 0)
    return 'reaches'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'denied' : 'gone'
  }
}

function commandOf(pid: number): string {
  return redactCommand(readArgv(pid)) || (readStat(pid)?.comm ?? 'unknown')
}
