import type { Check } from './check.ts'
import { INSPECTOR_PORT } from './inspector-port.ts'
import type { Machine } from './machine.ts'

/** What is needed to attach to a process that already runs. */
export function attachChecks(machine: Machine): Check[] {
  return [inspector(machine), ...(machine.proc ? [otherUsers(machine), containers(machine)] : [])]
}

function inspector({ inspectorPortOwner: owner }: Machine): Check {
  const what = 'attaching'
  if (owner === null)
    return { what, state: 'ok', means: `SIGUSR1 opens the inspector of a Node target: port ${INSPECTOR_PORT} is free` }
  return {
    what,
    state: 'degraded',
    means: `${owner} listens on port ${INSPECTOR_PORT}, which must be free for another Node target to open its inspector on SIGUSR1: of others only what /proc shows`,
    command: `ss -ltnp 'sport = :${INSPECTOR_PORT}'`,
    but: `port ${INSPECTOR_PORT} is taken, so that its agent gets into no other running Node process`,
  }
}

function otherUsers({ uid, rights, hidepid }: Machine): Check {
  const what = 'other users'
  if (rights.CAP_SYS_PTRACE && rights.CAP_KILL)
    return { what, state: 'ok', means: 'processes of any user can be attached to' }
  const but = `it attaches only to processes of uid ${uid}`
  if (uid === 0) {
    const lacking = (['CAP_SYS_PTRACE', 'CAP_KILL'] as const).filter((right) => !rights[right])
    return {
      what,
      state: 'degraded',
      means: `root lacks ${lacking.join(' and ')} here, must have it to attach to processes of other users`,
      command: `docker run ${lacking.map((right) => `--cap-add ${right.slice('CAP_'.length)}`).join(' ')} …`,
      but,
    }
  }
  const hidden = hidepid === null ? '' : `, and /proc is mounted with hidepid=${hidepid}, must be 0 to list them at all`
  return {
    what,
    state: 'degraded',
    means: `uid is ${uid}, must be 0 (CAP_SYS_PTRACE, CAP_KILL) to attach to processes of other users${hidden}`,
    command: hidepid === null ? 'sudo holdup list --targets' : 'sudo mount -o remount,hidepid=0 /proc',
    but,
  }
}

function containers({ rights, nsenter, contained, uid }: Machine): Check {
  const what = 'containers'
  const outside = contained
    ? '; this is a container itself: processes outside are not seen (docker run --pid host)'
    : ''
  if (nsenter && rights.CAP_SYS_ADMIN)
    return { what, state: 'ok', means: `targets in other containers can be entered (nsenter)${outside}` }
  const but = 'it enters no containers'
  if (!nsenter)
    return {
      what,
      state: 'degraded',
      means: `nsenter is not on the PATH, must be for its agent to enter a container${outside}`,
      command: 'sudo apt-get install util-linux',
      but,
    }
  return {
    what,
    state: 'degraded',
    means: `CAP_SYS_ADMIN is missing, must be had for its agent to enter a container${outside}`,
    command: uid === 0 ? 'docker run --cap-add SYS_ADMIN …' : 'sudo holdup list --targets',
    but,
  }
}
