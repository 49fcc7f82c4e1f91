/** The process that makes the requests, so that neither holdup's work nor the target's delays its clock. */
import type { Milliseconds } from '../units.ts'
import { ClosedLoop, type LoadOptions } from './closed-loop.ts'
import { OpenLoop } from './open-loop.ts'
import { type FromLoadProcess, monotonicMs, type ToLoadProcess } from './messages.ts'
import { SelfWatch } from './self-watch.ts'

const REPORT_EVERY_MS = 250
/** When the duration is over: how long answers are waited for. */
const DRAIN_MS = 250

const watch = new SelfWatch()
let loop: ClosedLoop | OpenLoop | undefined
let reportedAt = 0
let stopping = false
let ticking: NodeJS.Timeout | undefined

process.on('message', (message: ToLoadProcess) => {
  if (message.do === 'start') start(message.options, message.durationMs)
  else if (message.do === 'resize') resize(message.connections)
  else void stop(message.drainMs)
})
process.on('disconnect', () => process.exit())
// Ctrl-C reaches the whole group of the terminal; whoever started this process says when it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

function start(options: LoadOptions, durationMs: Milliseconds | undefined): void {
  if (stopping) return
  const { rate } = options
  loop = rate === undefined ? new ClosedLoop(options) : new OpenLoop({ ...options, rate })
  reportedAt = monotonicMs()
  ticking = setInterval(() => report(false), REPORT_EVERY_MS)
  if (durationMs !== undefined) setTimeout(() => void stop(DRAIN_MS), durationMs)
}

function resize(connections: number): void {
  if (loop instanceof ClosedLoop) loop.resize(connections)
}

async function stop(drainMs: Milliseconds): Promise<void> {
  if (stopping) return
  stopping = true
  clearInterval(ticking)
  await loop?.drain(drainMs)
  report(true)
}

function report(last: boolean): void {
  if (!loop) return process.exit()
  const at = monotonicMs()
  const message: FromLoadProcess = {
    counts: { ...loop.take(), ...watch.take() },
    inFlight: loop.inFlight,
    ms: at - reportedAt,
    at,
    last,
  }
  reportedAt = at
  process.send?.(message, undefined, undefined, () => last && process.disconnect())
}
