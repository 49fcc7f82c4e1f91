import { readdirSync, readFileSync, stat } from './builtins.ts'
import { now } from './clock.ts'
import { round, Sketch } from './sketch.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'

/** A job is a wake-up of one of the pool's threads and costs it some 20 µs. */
const EVERY_MS = 500
/** A job that has waited so long is told of before it is done: it may never be. */
const LONG_MS = 20

/** How often it is looked for. */
const LOOK_EVERY_MS = 2000
const TASKS = '/proc/self/task'
/** libuv names its threads so since 1.50 (Node 22.14). */
const NAME = /^libuv-worker/
const SIZE = Number(process.env['UV_THREADPOOL_SIZE']) || 4

/**
 * How long a trivial job for libuv's thread pool takes, which all threads of the process share: one at a time, by the main
 * thread. The first job makes the pool's threads, which stay: a target that has none yet is left without.
 */
export function watchPool(agent: ThreadAgent): Instrument {
  let latencies = new Sketch()
  let askedAt: number | null = null
  const answered = agent.guard((error: Error | null) => {
    // What the permission model forbids never comes to the pool.
    if (askedAt !== null && !error) latencies.add(now() - askedAt)
    askedAt = null
  })
  const hasPool = poolWatch(agent)
  const timer = setInterval(() => {
    if (askedAt !== null || !hasPool()) return
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

/** Whether the pool has its threads: by their name, or at a launch by how many there are more than before the program began. */
function poolWatch(agent: ThreadAgent): () => boolean {
  const atFirst = agent.config.attached ? Infinity : threads().length
  let found = false
  let lookAt = 0
  return () => {
    const t = now()
    if (found || t < lookAt) return found
    lookAt = t + LOOK_EVERY_MS
    const tids = threads()
    found = tids.length >= atFirst + SIZE || tids.some((tid) => NAME.test(nameOf(tid)))
    return found
  }
}

function threads(): string[] {
  try {
    return readdirSync(TASKS)
  } catch {
    return []
  }
}

function nameOf(tid: string): string {
  try {
    return readFileSync(`${TASKS}/${tid}/comm`, 'latin1')
  } catch {
    return ''
  }
}
