import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** The command of `--on-port` while it runs. */
export interface OnPortCommand {
  /** Its exit code, as a shell says it: 128 + number of the signal that ended it, 127 when it could not start. */
  ended: Promise<number>
  /** Ends it and what it started. */
  stop: () => void
}

/** Runs a shell command with `$PORT` set. What it prints goes to stderr: stdout is the target's, or the report's. */
export function runOnPort(command: string, port: number): OnPortCommand {
  const child = spawn('sh', ['-c', command], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 2, 2],
    // A group of its own, so that it can be ended as a whole.
    detached: true,
  })
  const ended = new Promise<number>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
    child.on('error', () => resolve(127))
  })
  const stop = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    } catch {
      // It has ended.
    }
  }
  return { ended, stop }
}
