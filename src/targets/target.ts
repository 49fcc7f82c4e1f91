import type { Milliseconds } from '../units.ts'
import type { ProcessTree } from './process-tree.ts'

/** How a target ended: by itself with a code, or by a signal. */
export interface TargetExit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** The process tree under study: one that holdup launched, or one that it is attached to. */
export interface Target {
  pid: number
  /** Its redacted command line. */
  command: string
  /** Its processes, also those that outlive the first one. */
  tree: ProcessTree
  /** When its first process has ended; null: how is not known. Never rejects. */
  exited: Promise<TargetExit | null>
  /** Gives it a signal that holdup got, where it is holdup's to do so. */
  passSignal(signal: NodeJS.Signals): void
  /** Ends one that was launched: SIGTERM, once each; SIGKILL to what is left after the grace. */
  terminate(graceMs: Milliseconds): Promise<void>
  /** SIGKILL at once to the whole tree of one that was launched. */
  kill(): void
}
