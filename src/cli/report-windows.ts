import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { packageFile } from '../package-file.ts'
import type { Span } from '../analysis/window.ts'
import type { Milliseconds } from '../units.ts'
import { giveWay } from './give-way.ts'
import type { Talk } from './talk.ts'

const MAIN = packageFile('dist/cli/main.js')
/** What was measured in a window is in the file by then. */
const SETTLE_MS = 2000

/**
 * Reports on each window of a recording as it grows, each into `windows/<n>` of its folder: what was true an hour ago stays
 * in full detail there when the recording has long thinned it. In a process of its own, for reading takes memory.
 */
export function reportWindows(
  folder: string,
  everyMs: Milliseconds,
  { now, talk }: { now: () => Milliseconds; talk: Talk },
): { stop(): void } {
  let n = 0
  let from = now()
  const timer = setInterval(() => {
    const to = now()
    const into = join(folder, 'windows', String(++n).padStart(4, '0'))
    const span = { from, to }
    from = to
    setTimeout(() => {
      reportOnPart(folder, span, into, (made) =>
        talk.phase(made ? `window ${n}: ${into}/report.html` : `window ${n}: no report`),
      )
    }, SETTLE_MS).unref()
  }, everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/** A report of a part of a recording that goes on, in a process of its own; `done` hears whether it was made. */
export function reportOnPart(folder: string, { from, to }: Span, into: string, done: (made: boolean) => void): void {
  const span = ['--from', `${Math.round(from)}ms`, '--to', `${Math.round(to)}ms`]
  const child = spawn(process.execPath, [MAIN, 'report', folder, ...span, '-o', into], { stdio: 'ignore' })
  child.on('error', () => {})
  if (child.pid !== undefined) giveWay(child.pid)
  child.on('exit', (code) => done(code === 0))
}
