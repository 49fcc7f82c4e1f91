import { openSync, readSync } from './builtins.ts'
import { now } from './clock.ts'
import { round, Sketch } from './sketch.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'

/** A timer each 10 ms costs under 1 % of a core, each 1 ms 3 %. Workers are many, and blocking is their work: a coarse beat does. */
const PERIOD_MS = { main: 10, worker: 400 }
const STALL_MS = 50

/**
 * Event-loop delay of this thread as a timer feels it, each stall with what the thread did in it, and the agent's own
 * heartbeat. A stall begins somewhere between two ticks: its length is known to half a period either way.
 */
export function watchLoop(agent: ThreadAgent): Instrument {
  const period = agent.isMain ? PERIOD_MS.main : PERIOD_MS.worker
  const readScheduler = agent.isMain ? schedulerReader() : () => null
  // V8's CPU profiler falsifies utilization: an idle process reads 0.9.
  const utilizationOf = agent.config.cpuProfileMs === null ? performance.eventLoopUtilization : null
  let last = now()
  let flushed = last
  let scheduler = readScheduler()
  let utilization = utilizationOf?.()
  let delays = new Sketch()

  const tick = () => {
    const t = now()
    const current = readScheduler()
    const gap = t - last
    delays.add(Math.max(0, gap - period))
    if (agent.isMain && gap - period / 2 >= STALL_MS) {
      const cpuMs = scheduler && current ? round(current.cpuMs - scheduler.cpuMs) : null
      const queuedMs = scheduler && current ? round(current.queuedMs - scheduler.queuedMs) : null
      agent.push({ k: 'stall', t, ms: round(gap - period / 2), beatMs: round(gap), cpuMs, queuedMs })
    }
    last = t
    scheduler = current
    agent.beat(t)
  }

  const timer = setInterval(tick, period)
  timer.unref()
  return {
    flush(t, out) {
      if (delays.n === 0) return
      const used = utilizationOf?.()
      const share = used && utilization ? round(performance.eventLoopUtilization(used, utilization).utilization) : null
      out.push({ k: 'loop', t, ms: round(t - flushed), utilization: share, delays: delays.pairs() })
      delays = new Sketch()
      utilization = used
      flushed = t
    },
    uninstall: () => clearInterval(timer),
  }
}

/** This thread's time on CPU and in the run queue so far, null without /proc. A read costs 3 µs. */
function schedulerReader(): () => { cpuMs: number; queuedMs: number } | null {
  let fd: number
  try {
    fd = openSync('/proc/thread-self/schedstat', 'r')
  } catch {
    return () => null
  }
  const buffer = Buffer.alloc(64)
  return () => {
    try {
      const length = readSync(fd, buffer, 0, buffer.length, 0)
      const [cpu = 0, queued = 0] = buffer.toString('latin1', 0, length).split(' ').map(Number)
      return { cpuMs: cpu / 1e6, queuedMs: queued / 1e6 }
    } catch {
      return null
    }
  }
}
