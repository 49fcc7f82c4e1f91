import type { Milliseconds } from '../../units.ts'

/** What the injector is to do: the first line of its stdin, as JSON. */
export interface Job {
  /** As holdup sees it, and as it sees itself: they differ in a pid namespace of its own. */
  pid: number
  innerPid: number
  /** Ticks from boot to its start: another process of that pid is left alone. */
  start: number
  /** Evaluated in the main thread. */
  expression: string
  /** The same where holdup has died meanwhile: leaves the process as it was. */
  expressionIfOrphaned: string
  /** Where its inspector will open, first, and where it may be open already; 0 is a port that the system chooses. */
  ports: number[]
}

/** What the injector tells, a line each. */
export type InjectorEvent =
  /** The expression was evaluated; `opened`: the inspector was opened for it. */
  | { event: 'evaluated'; value: unknown; opened: boolean }
  /** The inspector is gone again, after so long. */
  | { event: 'closed'; openMs: Milliseconds }
  /** It stays open until the main thread's event loop turns. */
  | { event: 'still-open'; port: number }
  | { event: 'failed'; reason: InjectFailure; detail: string }

export type InjectFailure =
  /** Another program listens where the inspector would; nothing was done. */
  | 'port-taken'
  /** The process took the signal and opened none, as one with a handler of its own does. */
  | 'no-inspector'
  /** The inspector that opened is another process'. */
  | 'not-it'
  /** The program has no `process.getBuiltinModule`, as before Node 20.16 and 22.3: nothing was done. */
  | 'no-modules'
  /** Since holdup looked at it, it has been stopped or has ceased to catch SIGUSR1: it was not sent. */
  | 'changed'
  /** It exited, or may not be signalled. */
  | 'gone'
  /** Its main thread has not answered; it is told when it does. */
  | 'no-answer'
  /** The expression threw. */
  | 'threw'
  /** The injector itself could not run. */
  | 'not-run'
