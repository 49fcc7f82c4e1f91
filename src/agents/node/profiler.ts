import type { Session } from 'node:inspector'
import { inspector } from './builtins.ts'
import { now } from './clock.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'
import type { V8Profile, WireRecord } from './wire.ts'

/** Length of the first piece, which is what a crash can cost, and of the longest: each is twice the one before, for ending one takes milliseconds. */
const PIECE_MS = { main: { first: 2000, longest: 10_000 }, worker: { first: 5000, longest: 30_000 } }
/** A worker younger than this isn't profiled: starting stalls its thread 5 to 12 ms. */
const WORKER_AGE_MS = 300
/** Of a pool larger than the first, as many are profiled as the second says: its threads do the same work. */
const SMALL_POOL = 4
const OF_LARGE_POOL = 2
const TITLE = 'holdup '

/**
 * How many times the interval this thread gets. A sample wakes even a blocked thread, and costs it more than it costs one
 * that runs. So a main thread that has workers is sampled half as often as one that works alone, and so are all its workers
 * together: the more there are, the less often each.
 */
function crowd({ shared, isMain, config }: ThreadAgent): number {
  const workers = shared.get('liveWorkers')
  if (isMain) return workers > 0 ? 2 : 1
  // Whoever attached says it for each.
  if (config.attached) return 1
  return 2 * Math.min(SMALL_POOL, Math.max(1, workers))
}

/** Takes a place among the workers that are profiled, if one is left. */
function mayProfile({ shared, isMain, config }: ThreadAgent): boolean {
  if (isMain || config.attached) return true
  const places = shared.get('liveWorkers') > SMALL_POOL ? OF_LARGE_POOL : SMALL_POOL
  if (shared.add('profiledWorkers', 1) < places) return true
  shared.add('profiledWorkers', -1)
  return false
}

/**
 * V8's CPU profile of this thread in pieces. A piece starts by `console.profile` before the one before it ends, so that
 * V8 goes on sampling: only the first start stalls, and that of a main thread as its first worker comes.
 */
export function watchCpu(agent: ThreadAgent): Instrument {
  const interval = agent.config.cpuProfileMs
  let session: Session | null = null
  let started = false
  let everyMs = 0
  let piece = 0
  let pieceAt = 0
  let finished: WireRecord[] = []
  const { first, longest } = agent.isMain ? PIECE_MS.main : PIECE_MS.worker
  let pieceMs = first
  const title = () => `${TITLE}${piece}`

  const wanted = () => (interval ?? 0) * crowd(agent)
  /** V8 takes it only while it does not sample. */
  const resetInterval = () => {
    everyMs = wanted()
    session?.post('Profiler.setSamplingInterval', { interval: Math.round(everyMs * 1000) })
  }
  const start = (t: number) => {
    started = true
    if (!mayProfile(agent)) return
    session = new (inspector().Session)()
    session.connect()
    session.post('Profiler.enable')
    resetInterval()
    const onFinished = agent.guard(({ params }: { params: { title?: string; profile: unknown } }) => {
      // The target may call console.profile for itself.
      if (params.title?.startsWith(TITLE))
        finished.push({ k: 'v8-profile', everyMs, profile: params.profile as V8Profile })
    })
    session.on('Profiler.consoleProfileFinished', onFinished)
    inspector().console.profile(title())
    if (agent.config.interrupts) compileAnew(session)
    pieceAt = t
  }
  const next = (t: number) => {
    const ending = title()
    piece++
    inspector().console.profile(title())
    inspector().console.profileEnd(ending)
    pieceAt = t
    pieceMs = Math.min(2 * pieceMs, longest)
  }
  /** Stops and starts once, as the first worker comes: most make theirs before they serve. */
  const slowDown = (t: number) => {
    inspector().console.profileEnd(title())
    piece++
    resetInterval()
    inspector().console.profile(title())
    pieceAt = t
  }

  const { interrupts, settled } = agent.config
  // A worker that is interrupted may never come to a flush.
  if (interval !== null && (agent.isMain || interrupts || settled)) start(agent.startedAt)
  return {
    flush(t, out) {
      if (interval === null) return
      if (session && agent.isMain && everyMs < wanted()) slowDown(now())
      else if (session && t - pieceAt >= pieceMs) next(t)
      else if (!started && t - agent.startedAt >= WORKER_AGE_MS) start(now())
      out.push(...finished.splice(0))
    },
    finish(_t, out) {
      if (!session) return
      inspector().console.profileEnd(title())
      out.push(...finished.splice(0))
    },
    uninstall() {
      finished = []
      if (!session) return
      session.disconnect()
      session = null
      if (!agent.isMain && !agent.config.attached) agent.shared.add('profiledWorkers', -1)
    },
  }
}

/**
 * V8 names no code that it compiled for a loop under way (on-stack replacement) before the profiler started: a function
 * that spins since then would be missing. Precise coverage has all such code thrown away (V8's Coverage::SelectMode), and
 * what runs is compiled anew under the profiler's eyes.
 */
function compileAnew(session: Session): void {
  // The mode is the whole thread's: the target's own must stay.
  if (process.env['NODE_V8_COVERAGE']) return
  session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: false })
  session.post('Profiler.stopPreciseCoverage')
}
