import type { Session } from 'node:inspector'
import { inspector, isMainThread, threadId } from './builtins.ts'
import { now } from './clock.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'
import { liveWorkers } from './workers.ts'
import type { V8Profile, WireRecord } from './wire.ts'

/** Length of the first piece, which is what a crash can cost, and of the longest: each is twice the one before, for ending one takes milliseconds. */
const PIECE_MS = { main: { first: 2000, longest: 10_000 }, worker: { first: 5000, longest: 30_000 } }
/** A worker younger than this isn't profiled: starting stalls its thread 5 to 12 ms. */
const WORKER_AGE_MS = 300
/**
 * Every worker up to here is profiled, of later ones each n-th: the threads of a large pool do the same work, and a
 * program that makes workers by the hundred pays little.
 */
const ALL_WORKERS = 4
const EACH_NTH = 16
const TITLE = 'holdup '

/**
 * A sample wakes even a blocked thread, and costs it more than it costs one that runs. So all workers together are
 * sampled as often as half a main thread: the more there are, the less often each.
 */
function crowd(): number {
  return isMainThread ? 1 : 2 * Math.min(ALL_WORKERS, Math.max(1, Atomics.load(liveWorkers(), 0)))
}

/**
 * V8's CPU profile of this thread in pieces. A piece starts by `console.profile` before the one before it ends, so that
 * V8 never stops sampling and only the first start stalls.
 */
export function watchCpu(agent: ThreadAgent): Instrument {
  const interval = agent.config.cpuProfileMs
  const wanted = interval !== null && (agent.isMain || threadId <= ALL_WORKERS || threadId % EACH_NTH === 0)
  let session: Session | null = null
  let piece = 0
  let pieceAt = 0
  let finished: WireRecord[] = []
  const { first, longest } = agent.isMain ? PIECE_MS.main : PIECE_MS.worker
  let pieceMs = first
  const title = () => `${TITLE}${piece}`

  const start = (t: number) => {
    session = new (inspector().Session)()
    session.connect()
    session.post('Profiler.enable')
    session.post('Profiler.setSamplingInterval', { interval: Math.round((interval ?? 5) * crowd() * 1000) })
    session.on('Profiler.consoleProfileFinished', ({ params }) => {
      // The target may call console.profile for itself.
      if (params.title?.startsWith(TITLE)) finished.push({ k: 'v8-profile', profile: params.profile as V8Profile })
    })
    inspector().console.profile(title())
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

  if (wanted && agent.isMain) start(agent.startedAt)
  return {
    flush(t, out) {
      if (!wanted) return
      if (session && t - pieceAt >= pieceMs) next(t)
      else if (!session && t - agent.startedAt >= WORKER_AGE_MS) start(now())
      out.push(...finished.splice(0))
    },
    finish(_t, out) {
      if (!session) return
      inspector().console.profileEnd(title())
      out.push(...finished.splice(0))
    },
    uninstall() {
      finished = []
      session?.disconnect()
      session = null
    },
  }
}
