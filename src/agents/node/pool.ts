import { stat } from './builtins.ts'
import { now } from './clock.ts'
import { round, Sketch } from './sketch.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'

/** A job is a wake-up of one of the pool's threads and costs it some 20 µs. */
const EVERY_MS = 500
/** A job that has waited so long is told of before it is done: it may never be. */
const LONG_MS = 20

/** How long a trivial job for libuv's thread pool takes, which all threads of the process share: one at a time, by the main thread. */
export function watchPool(agent: ThreadAgent): Instrument {
  let latencies = new Sketch()
  let askedAt: number | null = null
  const answered = agent.guard((error: Error | null) => {
    // What the permission model forbids never comes to the pool.
    if (askedAt !== null && !error) latencies.add(now() - askedAt)
    askedAt = null
  })
  const timer = setInterval(() => {
    if (askedAt !== null) return
    try {
      askedAt = now()
      stat('/', answered)
    } catch {
      // The same, in some versions.
      askedAt = null
      clearInterval(timer)
    }
  }, EVERY_MS)
  timer.unref()
  return {
    flush(t, out) {
      const waitingMs = askedAt === null ? 0 : t - askedAt
      if (latencies.empty && waitingMs < LONG_MS) return
      out.push({ k: 'pool', t, latency: latencies.summary().pairs, waitingMs: round(waitingMs) })
      latencies = new Sketch()
    },
    uninstall: () => clearInterval(timer),
  }
}
