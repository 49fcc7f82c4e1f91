import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { redactCommand } from '../recording/redact.ts'
import { passSignal, type Reached, send } from './pass-signal.ts'
import { ProcessTree } from './process-tree.ts'
import { startError } from './start-error.ts'
import { terminate } from './terminate.ts'
import type { Target, TargetExit } from './target.ts'
import { sharesTerminal } from './terminal.ts'

const ASKS_TO_END: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])

/** A target that holdup started. */
export interface LaunchedTarget extends Target {
  exited: Promise<TargetExit>
  /** It has the terminal: same process group as holdup, so Ctrl-C and Ctrl-Z reach both. */
  sharesTerminal: boolean
}

export interface LaunchOptions {
  env: NodeJS.ProcessEnv
  /** Where its stdout goes: to holdup's, to its stderr where the report takes stdout, or nowhere. */
  stdout: 'inherit' | 'stderr' | 'ignore'
  /** The descriptor of a file for all that it prints; then it has neither stdin nor terminal. */
  log?: number
}

/**
 * Starts the target with holdup's own stdin, stdout and stderr. With the terminal as stdin it shares holdup's process
 * group, elsewhere it gets a session of its own and is stopped with holdup (Ctrl-Z while stdin is a pipe).
 * It does not depend on holdup: when holdup dies it goes on.
 *
 * @throws {HoldupError} `command-not-found`, `not-executable` or `not-started`.
 */
export async function launch(command: readonly string[], options: LaunchOptions): Promise<LaunchedTarget> {
  const { log } = options
  const shared = log === undefined && sharesTerminal()
  const [file = '', ...args] = command
  let child: ChildProcess
  let exited: Promise<TargetExit>
  try {
    child = spawn(file, args, {
      env: options.env,
      stdio:
        log === undefined
          ? ['inherit', options.stdout === 'stderr' ? 2 : options.stdout, 'inherit']
          : ['ignore', log, log],
      detached: !shared,
    })
    exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    await once(child, 'spawn')
  } catch (error) {
    throw startError(error, command, options.env)
  }
  return launched(child, command, exited, shared)
}

function launched(
  child: ChildProcess,
  command: readonly string[],
  exited: Promise<TargetExit>,
  shared: boolean,
): LaunchedTarget {
  const pid = child.pid ?? 0
  const tree = new ProcessTree(pid, { ownsSession: !shared })
  const alive = () => child.exitCode === null && child.signalCode === null
  if (!shared) stopTogether(pid, exited)
  const told = { reached: 'nobody' as Reached, terminated: false }
  return {
    pid,
    command: redactCommand(command),
    tree,
    sharesTerminal: shared,
    exited,
    passSignal(signal) {
      const reached = passSignal({ pid, alive }, signal, shared)
      if (reached === 'nobody' || !ASKS_TO_END.has(signal)) return
      if (told.reached !== 'group') told.reached = reached
      if (signal === 'SIGTERM') told.terminated = true
    },
    async terminate(graceMs) {
      await terminate(tree, graceMs, told)
      // The tree is seen gone a moment before Node collects the exit status.
      await Promise.race([exited, sleep(1000, undefined, { ref: false })])
    },
    kill() {
      for (const process of tree.list()) send(process.pid, 'SIGKILL')
      if (alive()) send(pid, 'SIGKILL')
    },
  }
}

/** Stops the target's group whenever holdup is asked to stop; SIGCONT reaches it by `passSignal`. */
function stopTogether(pid: number, exited: Promise<TargetExit>): void {
  const stopBoth = () => {
    // A group without a parent in its session, as a detached one is, ignores SIGTSTP.
    send(-pid, 'SIGSTOP')
    process.kill(process.pid, 'SIGSTOP')
  }
  process.on('SIGTSTP', stopBoth)
  void exited.then(() => process.off('SIGTSTP', stopBoth))
}
