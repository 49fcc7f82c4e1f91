import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import { counterOf, growth } from './counters.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import { heaviest, type LockPart, nameOf } from './lock-parts.ts'
import type { Lock, StuckLock } from './signals.ts'
import { RECENT_MS, standsStillSince } from './stuck-lock.ts'
import { threadKey } from './thread-names.ts'
import type { ThreadSamples } from './thread-samples.ts'

type Blocked = RecordOf<'runtime-blocked'>
type Threads = ReadonlyMap<string, ThreadSamples>

/**
 * Locks of a JVM that nobody gets any more: its recorder tells of a wait when it ends, and of one that never does not at all. Its threads
 * told at the end of the recording what they wait for; since when, their CPU tells. Null where all waits were short.
 */
export function stuckRuntimeLocks(source: Source, threads: Threads): LockPart | null {
  const [, end] = source.window
  const blocked = source.of('runtime-blocked').filter(({ t }) => t > end - RECENT_MS)
  const groups = groupBy(blocked, ({ pid, lock }) => `${pid} ${lock}`)
  const msByThread = new Map<string, Milliseconds>()
  const locks = [...groups.values()].flatMap((waiters) => describe(waiters, { blocked, threads, msByThread }, source))
  if (locks.length === 0) return null
  const seconds = locks.reduce((sum, { waitSeconds }) => sum + waitSeconds, 0)
  return {
    locks,
    secondsLow: seconds,
    secondsHigh: seconds,
    unclassifiedSeconds: 0,
    msByThread,
    fidelity: 'sampled',
  }
}

/** Cores. Of the threads that wait for a monitor HotSpot wakes one each second, which looks and sleeps on. */
const WAKES = 0.000_25

interface Context {
  blocked: readonly Blocked[]
  threads: Threads
  msByThread: Map<string, Milliseconds>
}

function describe(waiters: readonly Blocked[], { blocked, threads, msByThread }: Context, source: Source): Lock[] {
  const [first] = waiters
  const [from, end] = source.window
  if (!first) return []
  const still = (tid: number) => standsStillSince(threads.get(threadKey({ pid: first.pid, tid })), end, WAKES)
  const since = first.owner > 0 ? still(first.owner) : Math.max(...waiters.map(({ tid }) => still(tid)))
  if (since > end - RECENT_MS) return []
  const stacks = new Map<number | undefined, Milliseconds>()
  for (const { pid, tid, stack } of waiters) {
    const ms = Math.max(0, end - Math.max(from, since, still(tid)))
    msByThread.set(threadKey({ pid, tid }), ms)
    stacks.set(stack, (stacks.get(stack) ?? 0) + ms)
  }
  const ms = [...stacks.values()].reduce((sum, one) => sum + one, 0)
  const stack = heaviest(stacks, source).map(({ stack: frames, weight }) => ({ stack: frames, seconds: weight / 1000 }))
  return [
    {
      id: '',
      kind: first.kind === 'mutex' ? 'mutex' : 'rwlock',
      pid: first.pid,
      slot: first.lock,
      name: nameOf(source.text(first.of), stack[0]?.stack ?? [], first.lock),
      role: 'lock',
      because: 'the runtime itself tells who waits for it',
      waits: null,
      waitSeconds: ms / 1000,
      heldUp: ms / source.windowMs,
      waiterThreads: waiters.length,
      holdPerSecond: null,
      holdFidelity: 'sampled',
      holdMs: null,
      waitMs: null,
      fidelity: 'sampled',
      holderBlocked: null,
      writeShare: null,
      stuck: stuckFor(first, since, { blocked, threads }, source),
      waiters: stack,
      holders: [],
    },
  ]
}

function stuckFor(
  { pid, owner: tid }: Blocked,
  since: Milliseconds,
  { blocked, threads }: Pick<Context, 'blocked' | 'threads'>,
  source: Source,
): StuckLock {
  const [, end] = source.window
  const used = source.of('proc').flatMap((record) => (record.pid === pid ? [[record.t, record.cpuMs] as const] : []))
  const isOwner = (record: { pid: number; tid: number }) => record.pid === pid && record.tid === tid
  const itself = blocked.find(isOwner)
  const states = threads.get(threadKey({ pid, tid }))?.states
  const [call = ''] = states?.wait(states.times.length - 1).split(' ') ?? []
  return {
    seconds: (end - since) / 1000,
    cores: growth(counterOf(used), [since, end]) / (end - since),
    owner:
      tid === 0
        ? null
        : {
            tid,
            name: source.of('thread').findLast(isOwner)?.name ?? '',
            doing: call === '' ? 'unknown' : call,
            awaits: itself?.lock ?? null,
            stack: source.stack(itself?.stack),
          },
  }
}
