import { join, relative } from 'node:path'
import { isatty } from 'node:tty'
import logUpdate from 'log-update'
import type { Span } from '../analysis/window.ts'
import type { Report } from '../report/model.ts'
import { liveLine, liveScreen, type LiveState, SORTS } from '../report/terminal/live.ts'
import { createPage } from '../report/terminal/page.ts'
import type { Milliseconds } from '../units.ts'
import { LAG_MS, latestReport } from './latest-report.ts'
import { reportOnPart } from './report-windows.ts'
import type { LiveView } from './record-options.ts'
import { watchKeys } from './keys.ts'
import { terminalOf } from './show-report.ts'

const ALTERNATE_SCREEN = '\u001b[?1049h\u001b[H'
const MAIN_SCREEN = '\u001b[?1049l'

type Live = Parameters<LiveView['start']>[0]

/** The live view of `holdup top`: a screen with keys at a terminal, else a line each time. */
export class TopView implements LiveView {
  /** The part that is being recorded for a report. */
  recordingSince: Milliseconds | null = null
  /** Reports that were asked for. */
  reports = 0
  readonly #everyMs: Milliseconds
  readonly #folder: string
  /** It has the terminal. */
  #screen = isatty(1) && process.env['TERM'] !== 'dumb'
  #live: Live | null = null
  #timer: NodeJS.Timeout | undefined
  #keys: { stop(): void } | null = null
  #shown: Report | null = null
  #sort = 0
  #frozen = false
  #message = ''
  #over = false
  #onQuit = () => {}
  readonly #draw = () => this.#redraw()

  /** `folder`: of the recording, and of the reports on parts of it. */
  constructor(everyMs: Milliseconds, folder: string) {
    this.#everyMs = everyMs
    this.#folder = folder
  }

  start(live: Live): void {
    this.#live = live
    process.stdout.once('error', () => live.end('nobody reads'))
    if (this.#screen) {
      process.stdout.write(ALTERNATE_SCREEN)
      process.stdout.on('resize', this.#draw)
      this.#keys = watchKeys((key) => this.#pressed(key))
      this.#message = 'looking for what costs most …'
      this.#redraw()
    }
    this.#timer = setInterval(() => this.#refresh(), this.#everyMs)
  }

  say(text: string): void {
    this.#message = text
    if (this.#screen) this.#redraw()
    else process.stderr.write(`holdup: ${text}\n`)
  }

  /** No more figures; what is there stays. */
  stop(): void {
    clearInterval(this.#timer)
  }

  /** The part that was still being recorded, when the view ends. */
  takeRecording(): Span | null {
    const from = this.recordingSince
    this.recordingSince = null
    return from === null || !this.#live ? null : { from, to: this.#live.now() }
  }

  /** Shows why it ended until the reader has seen it. */
  async stay(why: string): Promise<void> {
    if (!this.#screen || !this.#keys) return
    this.#over = true
    this.say(why)
    await new Promise<void>((resolve) => {
      this.#onQuit = resolve
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve)
    })
  }

  /** Gives the terminal back. */
  close(): void {
    this.stop()
    if (!this.#screen || !this.#live) return
    this.#keys?.stop()
    process.stdout.off('resize', this.#draw)
    logUpdate.clear()
    logUpdate.done()
    process.stdout.write(MAIN_SCREEN)
    // A report may still be under way.
    this.#screen = false
  }

  #pressed(key: string): void {
    if (this.#over) {
      if (key === 'q') this.#onQuit()
      return
    }
    if (key === 'q') this.#live?.end('quit')
    else if (key === 's') this.#sort = (this.#sort + 1) % SORTS.length
    else if (key === ' ') this.#frozen = !this.#frozen
    else if (key === 'r') this.#toggleRecording()
    this.#redraw()
  }

  #toggleRecording(): void {
    const span = this.takeRecording()
    if (!span) {
      this.recordingSince = this.#live?.now() ?? null
      this.#message = 'recording for a report: r again makes it'
      return
    }
    const into = join(this.#folder, `part-${++this.reports}`)
    const shown = relative(process.cwd(), into)
    this.#message = 'making the report …'
    // What was measured in the part is in the file by then.
    setTimeout(() => {
      reportOnPart(this.#folder, span, into, (made) =>
        this.say(made ? `report: ${shown}/report.html` : 'the report could not be made'),
      )
    }, LAG_MS)
  }

  #refresh(): void {
    if (this.#frozen || !this.#live) return
    this.#shown = latestReport(this.#live.recent, this.#live.header, this.#live.now())
    if (this.#screen) this.#redraw()
    else process.stdout.write(`${liveLine(this.#shown, clock())}\n`)
  }

  #redraw(): void {
    if (!this.#live) return
    const { rows } = process.stdout
    const state: LiveState = {
      clock: clock(),
      sort: SORTS[this.#sort] ?? 'cost',
      frozen: this.#frozen,
      recordingSeconds:
        this.recordingSince === null ? null : Math.round((this.#live.now() - this.recordingSince) / 1000),
      message: this.#message,
      over: this.#over,
    }
    const page = createPage(terminalOf(process.stdout))
    logUpdate(this.#shown ? liveScreen(page, this.#shown, state, rows - 1) : `holdup top\n\n${this.#message}`)
  }
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8)
}
