/**
 * Preloaded into the target (`--require`): notes when its event loops were late, and what of holdup is in them, in the file
 * of STALL_LOG, ten times a second. Independent of holdup: its own timers, its own file. Times are CLOCK_MONOTONIC in
 * milliseconds.
 */
const { appendFileSync, openSync, readSync } = require('node:fs')
const { isMainThread, threadId } = require('node:worker_threads')

const PERIOD_MS = 1
/** A timer each 1 ms is rarely later than this by itself. */
const LATE_MS = 2
const WRITE_EVERY_MS = 100
const AGENT = Symbol.for('holdup.agent')

const log = process.env.STALL_LOG
const { wait } = Atomics
const now = () => Number(process.hrtime.bigint()) / 1e6
const state = (gaps) => {
  const found = {
    t: now(),
    thread: threadId,
    exitListeners: process.listenerCount('exit'),
    nativeWait: Atomics.wait === wait,
    agent: AGENT in globalThis,
  }
  return `${JSON.stringify({ ...found, gaps })}\n`
}

const scheduler = Buffer.alloc(64)
/** What this thread has been on CPU for. */
const onCpu = (schedstat) => {
  const length = readSync(schedstat, scheduler, 0, scheduler.length, 0)
  return Number.parseInt(scheduler.toString('latin1', 0, length), 10) / 1e6
}

if (log && isMainThread) {
  const schedstat = openSync('/proc/thread-self/schedstat', 'r')
  let gaps = []
  let last = now()
  let cpu = onCpu(schedstat)
  let writtenAt = last
  setInterval(() => {
    const t = now()
    const cpuNow = onCpu(schedstat)
    if (t - last - PERIOD_MS > LATE_MS) gaps.push([t, t - last - PERIOD_MS, cpuNow - cpu])
    last = t
    cpu = cpuNow
    if (t - writtenAt < WRITE_EVERY_MS) return
    writtenAt = t
    appendFileSync(log, state(gaps))
    gaps = []
  }, PERIOD_MS).unref()
} else if (log) {
  setInterval(() => appendFileSync(log, state([])), WRITE_EVERY_MS).unref()
}
