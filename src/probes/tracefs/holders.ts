import { readFileSync } from 'node:fs'
import type { Milliseconds, Nanoseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import type { FutexWakes } from './chunk.ts'
import type { Portion } from './portions.ts'
import type { Seen, Sightings } from './sightings.ts'
import type { StackIds } from './stack-ids.ts'

const MS = 1e-6
/** What a look of the sampler stands for: so much of a hold counts as one. */
const LOOK: Nanoseconds = 20e6

interface Known {
  sink: Sink
  sightings: Sightings
  stacks: StackIds
  /** What is waited for at a word. */
  wordOf: (pid: number, address: number) => Portion[]
}

/**
 * Records who gave locks back to those that waited: the thread that woke them. Its stack is where it was seen to wait for the same
 * lock before it got it, and holds it since; of one that never waited only its name is known.
 */
export async function recordHolders(t: Milliseconds, wakes: readonly FutexWakes[], known: Known): Promise<void> {
  for (const wake of wakes) {
    const locks = known.wordOf(wake.pid, wake.address).filter(({ state, lock }) => state === 'contended' && lock > 0)
    // glibc hands a read-write lock to the next writer without a wake: who had it may do something else long before it wakes somebody.
    const isHandedOn = locks.some(({ kind }) => kind === 'rwlock-read' || kind === 'rwlock-write')
    for (const [lock, share] of sharesByLock(locks)) await recordHolder(t, wake, { lock, share, isHandedOn }, known)
  }
}

function sharesByLock(portions: readonly Portion[]): Map<number, number> {
  const shares = new Map<number, number>()
  for (const { lock, share } of portions) shares.set(lock, (shares.get(lock) ?? 0) + share)
  return shares
}

async function recordHolder(
  t: Milliseconds,
  { pid, tid, address, n, holds, holdNs, blockedNs, parkedNs }: FutexWakes,
  { lock, share, isHandedOn }: { lock: number; share: number; isHandedOn: boolean },
  { sink, sightings, stacks }: Known,
): Promise<void> {
  const takers = sightings.ofThread(pid, lock, tid)
  const taker = heaviest(takers.length > 0 || holds === 0 ? takers : sightings.atWord(pid, address))
  if (taker) await stacks.prepare([taker])
  const unseen = () => [`(thread ${nameOf(pid, tid)}, whose stack was not seen)`]
  const stack = stacks.of(taker) ?? stacks.ofFrames(`${pid} ${nameOf(pid, tid)}`, unseen)
  const hex = `0x${lock.toString(16)}`
  sink.add({
    k: 'native-unlock',
    t,
    pid,
    lock: hex,
    ...(stack !== undefined && { stack }),
    n: n * share,
    holds: holds * share,
    holdMs: holdNs * share * MS,
  })
  if (isHandedOn) return
  const looks = (ns: Nanoseconds, doing: string, at: Seen | null) => {
    if (ns <= 0) return
    const where = stacks.of(at)
    sink.add({
      k: 'holder',
      t,
      pid,
      tid,
      lock: hex,
      doing: sink.string(doing),
      ...(where !== undefined && { stack: where }),
      n: (ns * share) / LOOK,
    })
  }
  const calledNs = blockedNs - parkedNs
  const blocked = calledNs > 0 ? sightings.doing(pid, tid) : null
  if (blocked) await stacks.prepare([blocked])
  looks(holdNs - blockedNs, 'running', null)
  // For another thread, or another lock: which of its waits in futex that was is not known.
  looks(parkedNs, 'futex', null)
  looks(calledNs, blocked?.observation.wait ?? 'blocked', blocked)
}

function heaviest(seen: readonly Seen[]): Seen | null {
  return seen.toSorted((a, b) => b.ms - a.ms)[0] ?? null
}

function nameOf(pid: number, tid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim()
  } catch {
    return String(tid)
  }
}
