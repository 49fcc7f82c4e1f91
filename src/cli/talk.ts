import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { chalkStderr } from 'chalk'
import { stripControls } from '../errors.ts'
import type { Milliseconds } from '../units.ts'
import { formatMs } from '../units.ts'
import type { LiveFigures } from './live-figures.ts'

const EVERY_MS = 1000
const STDERR = 2

/** What holdup says on stderr while it works: a status line on a terminal, one line a phase elsewhere. */
export class Talk {
  readonly #quiet: boolean
  readonly #live = isatty(STDERR) && process.env['TERM'] !== 'dumb'
  #timer: NodeJS.Timeout | undefined
  #to: ((text: string) => void) | null = null

  constructor(quiet: boolean) {
    this.#quiet = quiet
  }

  /** A phase begins. */
  phase(text: string): void {
    if (this.#quiet) return
    const plain = stripControls(text)
    if (this.#to) return this.#to(plain)
    this.#clear()
    say(`${chalkStderr.dim('holdup:')} ${plain}\n`)
  }

  /** From now on phases go there, for a view that has the terminal. */
  divert(to: (text: string) => void): void {
    this.#to = to
  }

  /** Keeps the status line up to date until `endStatus`. The cursor stays at its start, so that the target can write over it. */
  startStatus(figures: LiveFigures, now: () => Milliseconds, markKey: string | null): void {
    if (this.#quiet || !this.#live) return
    const keys = markKey === null ? 'Ctrl-C reports' : `${markKey} marks, Ctrl-C reports`
    this.#timer = setInterval(() => {
      const line = `holdup ${formatMs(Math.round(now() / 1000) * 1000)} · ${figures.line(now())} · ${keys}`
      say(`\r\u001b[2K${chalkStderr.dim(line.slice(0, (process.stderr.columns ?? 80) - 1))}\r`)
    }, EVERY_MS)
    this.#timer.unref()
  }

  endStatus(): void {
    clearInterval(this.#timer)
    if (this.#timer) this.#clear()
    this.#timer = undefined
  }

  #clear(): void {
    if (this.#live) say('\r\u001b[2K')
  }
}

/**
 * While the target runs stderr is its own too. Through `process.stderr` Node would make a pipe non-blocking, for the
 * target as well, and lose lines of it.
 */
function say(text: string): void {
  try {
    writeSync(STDERR, text)
  } catch {
    // Full, or gone: what we say is not worth a wait.
  }
}
