import { procAvailable } from '../probes/proc/available.ts'
import { readProc, readStat } from './proc-listing.ts'
import { lookAtTerminal } from './terminal.ts'

/** Signals to holdup that are the target's too. SIGUSR2 is not: it is kept for marks. */
export const PASSED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGCONT', 'SIGWINCH'] as const

/** What the terminal itself sends, always to its whole foreground group. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH', 'SIGTSTP', 'SIGCONT'])
const NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGQUIT: 3 }
/** A signal that the target got has taken effect by then. */
const SETTLE_MS = 100

/** A process whose pid is not another's while it is alive. */
interface LivingPid {
  pid: number
  alive: () => boolean
}

/** Whom a signal has reached by holdup's doing or by the terminal's. */
export type Reached = 'group' | 'root' | 'nobody'

/**
 * Passes a signal that holdup got on to the target, so that the target gets it once.
 *
 * Node does not tell who sent a signal, so the rule goes by where holdup stands at that moment:
 * - In the terminal's foreground SIGINT, SIGQUIT, SIGWINCH and SIGCONT are taken for the terminal's (Ctrl-C, Ctrl-\, resize, `fg`).
 *   A target that shares holdup's group has got them from it; one in its own group gets them as a group, as it would have.
 * - A SIGHUP after the terminal is gone has likewise reached the whole group.
 * - SIGCONT wakes the whole of a group of its own, because holdup stops it whole.
 * - Any other signal goes to the target's first process alone, as whoever sent it to holdup would have sent it there.
 *
 * A `kill -INT` to holdup in the foreground looks like Ctrl-C. Where the signal should have ended or woken the target and
 * it sits there as before, it did not get it and gets it now; a target that catches it, as Node does, cannot be told apart
 * and does not: send holdup SIGTERM instead.
 */
export function passSignal(root: LivingPid, signal: NodeJS.Signals, shared: boolean): Reached {
  const { controlling, foreground } = lookAtTerminal()
  const toGroup =
    signal === 'SIGHUP'
      ? shared && !controlling
      : (FROM_TERMINAL.has(signal) && foreground) || (signal === 'SIGCONT' && !shared)
  if (!toGroup) return root.alive() && send(root.pid, signal) ? 'root' : 'nobody'
  if (!shared) return send(-root.pid, signal) ? 'group' : 'nobody'
  setTimeout(() => {
    if (root.alive() && missed(root.pid, signal)) send(root.pid, signal)
  }, SETTLE_MS).unref()
  return 'group'
}

/** Sends a signal; false when there is nobody to get it. */
export function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

function missed(pid: number, signal: NodeJS.Signals): boolean {
  if (!procAvailable()) return false
  if (signal === 'SIGCONT') return readStat(pid)?.state === 'T'
  const number = NUMBERS[signal]
  const status = number === undefined ? null : readProc(`/proc/${pid}/status`, 4096)
  if (number === undefined || status === null || /^State:\s*[ZX]/m.test(status)) return false
  // Blocked, ignored or caught: it would live on either way.
  const masks = [...status.matchAll(/^Sig(?:Blk|Ign|Cgt):\s*([\da-f]+)$/gm)].map(([, mask]) => BigInt(`0x${mask}`))
  return masks.every((mask) => (mask & (1n << BigInt(number - 1))) === 0n)
}
