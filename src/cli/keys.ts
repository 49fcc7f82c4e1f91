import { isatty } from 'node:tty'
import { lookAtTerminal } from '../targets/terminal.ts'

const STDIN = 0
/** What a terminal in raw mode no longer makes signals of. */
const SIGNAL_KEYS: Record<string, NodeJS.Signals> = { '\u0003': 'SIGINT', '\u001c': 'SIGQUIT' }

/**
 * Each key that is pressed at holdup's own terminal; those of signals are signals still. null where there is none, or where holdup is in
 * its background: the system would stop it.
 */
export function watchKeys(pressed: (key: string) => void): { stop(): void } | null {
  if (!isatty(STDIN)) return null
  const { controlling, foreground } = lookAtTerminal()
  if (controlling && !foreground) return null
  const { stdin } = process
  const onKeys = (chunk: Buffer) => {
    for (const key of chunk.toString('latin1')) {
      const signal = SIGNAL_KEYS[key]
      if (signal) process.kill(process.pid, signal)
      pressed(key)
    }
  }
  stdin.setRawMode(true).on('data', onKeys).resume()
  return {
    stop() {
      stdin.off('data', onKeys).setRawMode(false).pause()
      stdin.unref()
    },
  }
}
