import type { Nanoseconds } from '../../units.ts'
import type { Chunk } from './chunk.ts'
import { Durations } from './counts.ts'
import type { TracedProcess, TracedThread, Word } from './traced.ts'
import type { Tracker } from './tracker.ts'

/** What a tracker has counted, of those that are there and those that ended; counting begins anew. */
export function takeChunk(tracker: Tracker, dead: readonly TracedThread[], at: Nanoseconds): Chunk {
  const chunk: Chunk = {
    at,
    processes: [],
    forks: tracker.forks.splice(0),
    born: [],
    gone: tracker.gone.splice(0),
    waits: [],
    wakes: [],
    polled: [],
    loops: [],
    turns: tracker.turns.splice(0),
  }
  for (const threads of [dead, tracker.threads.values()]) {
    for (const thread of threads) if (!thread.process.ignored) takeThread(thread, at, chunk)
  }
  for (const process of tracker.processes.values()) {
    if (!process.ignored) chunk.processes.push(takeProcess(process))
    if (process.live === 0) tracker.processes.delete(process.pid)
  }
  return chunk
}

function takeThread(thread: TracedThread, at: Nanoseconds, chunk: Chunk): void {
  const { tid, born, loop } = thread
  const of = { pid: thread.process.pid, tid }
  if (!thread.told && born > 0) chunk.born.push({ ...of, at: born })
  thread.told = true
  for (const [address, words] of thread.words) {
    const moved = words.filter((word) => takeWord(thread, word, chunk))
    if (moved.length === 0) thread.words.delete(address)
  }
  for (const [address, woken] of thread.wakes) chunk.wakes.push({ ...of, address, ...woken })
  thread.wakes.clear()
  if (thread.polledSince > 0) {
    thread.polledNs += at - thread.polledSince
    thread.polledSince = at
  }
  if (thread.polledNs > 0) chunk.polled.push({ ...of, ns: thread.polledNs })
  thread.polledNs = 0
  if (!loop || loop.turns.n === 0) return
  const { turns, poll, over10Ms } = loop
  const turnMs = turns.histogram()
  chunk.loops.push({ ...of, poll, turns: turns.n, ns: turns.ns, longest: turns.longest, over10Ms, turnMs })
  loop.turns = new Durations()
  loop.over10Ms = 0
}

/** False where nobody waited there since the chunk before: a thread may meet many words in its life. */
function takeWord(thread: TracedThread, word: Word, chunk: Chunk): boolean {
  const { waits, ns, ...call } = word
  const inIt = thread.wait?.word === word
  if (waits.n > 0 || ns > 0) {
    const of = { pid: thread.process.pid, tid: thread.tid }
    const waiting = inIt && thread.wait?.until === 0
    chunk.waits.push({ ...of, ...call, n: waits.n, ns, longest: waits.longest, waiting, waits: waits.histogram() })
  } else if (!inIt) {
    if (thread.lastWord === word) thread.lastWord = null
    return false
  }
  word.waits = new Durations()
  word.ns = 0
  return true
}

function takeProcess(process: TracedProcess): Chunk['processes'][number] {
  const { pid, since, created, exited, lifetimes, accepts, requests } = process
  process.lifetimes = new Durations()
  process.created = process.exited = process.accepts = process.requests = 0
  const { ns: lifetimeNs } = lifetimes
  const alive = process.live > 0
  return { pid, since, alive, created, exited, lifetimeNs, lifetimes: lifetimes.histogram(), accepts, requests }
}
