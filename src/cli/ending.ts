import { TARGET_EXITED } from '../analysis/quality.ts'
import { PASSED_SIGNALS } from '../targets/pass-signal.ts'
import type { Target } from '../targets/target.ts'
import type { Milliseconds } from '../units.ts'

const ASKS_TO_END: ReadonlySet<string> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])
const SETTLE_MS = 50
/** The same signal again so soon is the same key. */
const SAME_MS = 200
/** Exit code of a shell for a process that Ctrl-C ended. */
const INTERRUPTED = 130

/**
 * What ends a recording: the target's exit, a signal, the duration, the load's end, or a failure of ours; the first one
 * counts. A second signal that asks to end leaves at once and takes the target along.
 */
export class Ending {
  over = false
  readonly reached: Promise<{ reason: string; failure: Error | null }>
  /** Resolves once somebody has asked to end, even if something else ended it before. */
  readonly asked: Promise<void>
  #resolve: (value: { reason: string; failure: Error | null }) => void = () => {}
  #ask: () => void = () => {}
  #timer: NodeJS.Timeout | undefined
  #target: Target | undefined
  #pending: NodeJS.Signals | undefined
  #pendingSince: Milliseconds = 0
  readonly #onSignal = (signal: NodeJS.Signals) => this.#signalled(signal)

  constructor() {
    this.reached = new Promise((resolve) => (this.#resolve = resolve))
    this.asked = new Promise((resolve) => (this.#ask = resolve))
    for (const signal of PASSED_SIGNALS) process.on(signal, this.#onSignal)
  }

  /** From now on signals are the target's too, and its exit is an end. */
  watch(target: Target): void {
    this.#target = target
    // The Ctrl-C that ends a target ends the recording too; its exit can be seen first.
    void target.exited.then(() => setTimeout(() => this.reach(this.#pending ?? TARGET_EXITED), SETTLE_MS))
    if (this.#pending) this.reach(this.#pending)
  }

  after(ms: Milliseconds): void {
    this.#timer = setTimeout(() => this.reach('duration'), ms)
  }

  reach(reason: string, failure: Error | null = null): void {
    this.over = true
    clearTimeout(this.#timer)
    this.#resolve({ reason, failure })
  }

  fail(failure: Error): void {
    this.reach('failure', failure)
  }

  /** Gives the target the signal that ended the recording: only now, so that its agent could say what it still held. */
  passOn(): void {
    if (this.#pending) this.#target?.passSignal(this.#pending)
  }

  /** Signals do what they did before. */
  release(): void {
    clearTimeout(this.#timer)
    for (const signal of PASSED_SIGNALS) process.off(signal, this.#onSignal)
  }

  #signalled(signal: NodeJS.Signals): void {
    if (!ASKS_TO_END.has(signal)) {
      this.#target?.passSignal(signal)
      return
    }
    if (this.#pending) {
      // npm passes on the Ctrl-C that the terminal gave to all.
      if (signal === this.#pending && performance.now() - this.#pendingSince < SAME_MS) return
      this.#target?.kill()
      process.exit(INTERRUPTED)
    }
    this.#pending = signal
    this.#pendingSince = performance.now()
    this.#ask()
    if (this.#target) this.reach(signal)
  }
}
