import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** What is needed to see any target from outside. */
export function procChecks(machine: Machine): Check[] {
  return machine.proc ? [threads(), schedstat(machine), blockedIn(machine)] : [noProc(machine)]
}

function threads(): Check {
  return { what: '/proc', state: 'ok', means: 'threads, CPU, memory, context switches of any target' }
}

function noProc({ platform, procSwitchedOff }: Machine): Check {
  const [reason, command] = procSwitchedOff
    ? ['HOLDUP_NO_PROC is 1, must be unset', 'unset HOLDUP_NO_PROC']
    : platform === 'linux'
      ? ['it is not mounted, must be', 'sudo mount -t proc proc /proc']
      : [`${platform} has none, must be Linux`, 'docker run --rm -it -v "$PWD:/app" -w /app node:22 npx holdup doctor']
  return {
    what: '/proc',
    state: 'missing',
    means: `${reason}: no threads, run queue, context switches, waits`,
    command,
    but: 'it sees no threads of a target, only its CPU and memory',
  }
}

function schedstat({ countsRunQueue, canCountRunQueue }: Machine): Check {
  const what = 'schedstat'
  if (countsRunQueue) return { what, state: 'ok', means: 'how long each thread ran and waited for a core' }
  return {
    what,
    state: 'degraded',
    means: canCountRunQueue
      ? 'kernel.task_delayacct is 0, must be 1: no run queue, coarse CPU of threads'
      : '/proc/self/schedstat counts nothing, the kernel must have CONFIG_SCHED_INFO: no run queue, coarse CPU of threads',
    command: canCountRunQueue ? 'sudo sysctl kernel.task_delayacct=1' : 'grep SCHED_INFO "/boot/config-$(uname -r)"',
    but: 'it sees not how long threads wait for a core',
  }
}

function blockedIn({ showsWaits, ptraceScope, rights }: Machine): Check {
  const what = 'blocked-in'
  const means = 'what each thread waits for (/proc/PID/syscall)'
  if (!showsWaits)
    return {
      what,
      state: 'missing',
      means: 'this kernel has no /proc/PID/syscall: what threads wait for stays unknown',
      command: 'grep HAVE_ARCH_TRACEHOOK "/boot/config-$(uname -r)"',
      but: 'it sees not what threads wait for',
    }
  const scope = ptraceScope ?? 0
  if (scope === 0 || (scope < 3 && rights.CAP_SYS_PTRACE)) return { what, state: 'ok', means }
  if (scope === 1)
    return {
      what,
      state: 'degraded',
      means:
        'kernel.yama.ptrace_scope is 1, must be 0 for targets that holdup did not start: what their threads wait for stays unknown',
      command: 'sudo sysctl kernel.yama.ptrace_scope=0',
      but: 'of targets that it attaches to it sees not what threads wait for',
    }
  return {
    what,
    state: 'missing',
    means: `kernel.yama.ptrace_scope is ${scope}, must be 1, or 0 to attach: what threads wait for stays unknown${scope > 2 ? '; only a reboot lifts a 3, by the file that sets it' : ''}`,
    command:
      scope > 2
        ? 'grep -rs ptrace_scope /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d'
        : 'sudo sysctl kernel.yama.ptrace_scope=0',
    but: 'it sees not what threads wait for',
  }
}
