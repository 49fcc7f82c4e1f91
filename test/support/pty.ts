/** A pseudo-terminal with a process in it, as a user at a terminal would have it. */
import { spawn } from '@lydell/node-pty'
import { onTestFinished } from 'vitest'
import { ROOT } from './cli.ts'
import { until } from './process.ts'

export interface Pty {
  pid: number
  /** All that was printed so far. */
  output: () => string
  /** Waits until what was printed since the last call matches. */
  expect(pattern: RegExp, withinMs?: number): Promise<string>
  type(keys: string): void
  resize(columns: number, rows: number): void
  /** Hangs up, as closing the window does. */
  close(): void
}

export const CTRL_C = '\x03'
export const CTRL_Z = '\x1a'

/** Starts `argv` as the leader of a terminal's session. */
export function startPty(argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv = process.env): Pty {
  const [file, ...args] = argv
  const terminal = spawn(file, args, { cols: 100, rows: 30, cwd: ROOT, env })
  let output = ''
  let read = 0
  let open = true
  terminal.onData((chunk) => (output += chunk))
  terminal.onExit(() => (open = false))
  const close = () => {
    if (open) terminal.kill('SIGHUP')
  }
  onTestFinished(close)
  return {
    pid: terminal.pid,
    output: () => output,
    async expect(pattern, withinMs) {
      const match = await until(() => pattern.exec(output.slice(read)), withinMs).catch((error: Error) => {
        throw new Error(`${error.message}\nprinted: ${output}`)
      })
      read += match.index + match[0].length
      return match[0]
    },
    type: (keys) => terminal.write(keys),
    resize: (columns, rows) => terminal.resize(columns, rows),
    close,
  }
}
