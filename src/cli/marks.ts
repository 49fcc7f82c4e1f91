import { isatty } from 'node:tty'

const STDIN = 0
const KEY = 'm'
/** What a terminal in raw mode no longer makes signals of. */
const SIGNAL_KEYS: Record<string, NodeJS.Signals> = { '\u0003': 'SIGINT', '\u001c': 'SIGQUIT' }

/** Marks in the timeline: each SIGUSR2 to holdup, and each press of `m` where the terminal is holdup's own. */
export function watchMarks(mark: (label: string) => void, ownsTerminal: boolean): { stop(): void; key: string | null } {
  const onSignal = () => mark('SIGUSR2')
  process.on('SIGUSR2', onSignal)
  const keys = ownsTerminal && isatty(STDIN) ? watchKeys(mark) : null
  return {
    key: keys && KEY,
    stop() {
      process.off('SIGUSR2', onSignal)
      keys?.stop()
    },
  }
}

function watchKeys(mark: (label: string) => void): { stop(): void } {
  const { stdin } = process
  const onKeys = (chunk: Buffer) => {
    for (const key of chunk.toString('latin1')) {
      const signal = SIGNAL_KEYS[key]
      if (signal) process.kill(process.pid, signal)
      else if (key === KEY) mark(`key ${KEY}`)
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
