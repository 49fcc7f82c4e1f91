import { closeSync, openSync, readSync } from './builtins.ts'
import { now } from './clock.ts'
import { round, Sketch } from './sketch.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'

/** A timer each 10 ms takes up to 1 % of a core, for each wake-up of an idle loop costs 0.1 ms; each 1 ms 3 %. */
const PERIOD_MS = 10
/** Workers are many, and a wake-up of an idle one costs 0.1 to 0.4 ms. */
const WORKER_BEAT_MS = 2000
/** A younger worker does without what it takes to be told of the end. */
const LISTEN_AFTER_MS = 400
const STALL_MS = 50

/** A worker's heartbeat: the delay of its loop says nothing of a service. Of the end it is told by the main thread. */
export function keepBeat(agent: ThreadAgent): Instrument {
  const beat = agent.guard(() => agent.beat(now()))
  const timer = setInterval(beat, WORKER_BEAT_MS)
  let hush = () => {}
  const listening = setTimeout(
    agent.guard(() => {
      // Whoever attached takes the workers out itself.
      if (!agent.uninstalled && !agent.config.attached) hush = agent.shared.onStop(beat)
    }),
    LISTEN_AFTER_MS,
  )
  timer.unref()
  listening.unref()
  return {
    uninstall() {
      clearInterval(timer)
      clearTimeout(listening)
      hush()
    },
  }
}

/**
 * Event-loop delay of the main thread as a timer feels it, each stall with what the thread did in it, and the agent's own
 * heartbeat. A stall begins somewhere between two ticks: its length is known to half a period either way.
 */
export function watchLoop(agent: ThreadAgent): Instrument {
  const scheduling = schedulerReader()
  // V8's CPU profiler falsifies utilization: an idle process reads 0.9.
  const utilizationOf = agent.config.cpuProfileMs === null ? performance.eventLoopUtilization : null
  let last = now()
  let flushed = last
  let scheduler = scheduling.read()
  let utilization = utilizationOf?.()
  let delays = new Sketch()

  /** Counts the time since the last tick. */
  const count = (t: number) => {
    const current = scheduling.read()
    const gap = t - last
    delays.add(Math.max(0, gap - PERIOD_MS))
    if (gap - PERIOD_MS / 2 >= STALL_MS) {
      const cpuMs = scheduler && current ? round(current.cpuMs - scheduler.cpuMs) : null
      const queuedMs = scheduler && current ? round(current.queuedMs - scheduler.queuedMs) : null
      agent.push({ k: 'stall', t, ms: round(gap - PERIOD_MS / 2), beatMs: round(gap), cpuMs, queuedMs })
    }
    last = t
    scheduler = current
  }
  const tick = agent.guard(() => {
    const t = now()
    count(t)
    agent.beat(t)
  })

  const timer = setInterval(tick, PERIOD_MS)
  timer.unref()
  return {
    flush(t, out) {
      if (delays.empty) return
      const used = utilizationOf?.()
      const share = used && utilization ? round(performance.eventLoopUtilization(used, utilization).utilization) : null
      out.push({ k: 'loop', t, ms: round(t - flushed), utilization: share, delays: delays.summary().pairs })
      delays = new Sketch()
      utilization = used
      flushed = t
    },
    // A stall that has not ended yet: a main thread that spins is taken out by an interrupt.
    finish: count,
    uninstall() {
      clearInterval(timer)
      scheduling.close()
    },
  }
}

/** This thread's time on CPU and in the run queue so far, null without /proc. A read costs 3 µs. */
function schedulerReader(): { read(): { cpuMs: number; queuedMs: number } | null; close(): void } {
  let fd: number
  try {
    fd = openSync('/proc/thread-self/schedstat', 'r')
  } catch {
    return { read: () => null, close: () => {} }
  }
  const buffer = Buffer.alloc(64)
  return {
    read() {
      try {
        const length = readSync(fd, buffer, 0, buffer.length, 0)
        const [cpu = 0, queued = 0] = buffer.toString('latin1', 0, length).split(' ').map(Number)
        return { cpuMs: cpu / 1e6, queuedMs: queued / 1e6 }
      } catch {
        return null
      }
    },
    close: () => closeSync(fd),
  }
}
