import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds, PerSecond, Ratio, Seconds } from '../units.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import { isInsideLibc } from './lock-places.ts'
import { toldByRuntime } from './told-by-runtime.ts'
import { windowOverSampled } from './sampler-span.ts'
import { threadKey } from './thread-names.ts'
import { sideOf, writeShare } from './write-share.ts'

/**
 * Voluntary switches of one process above which waits are over before a sampler sees them: on a machine of two cores the estimate was
 * 40 to 81 % short there, and within 7 % below.
 */
const STORM: PerSecond = 10_000
const STACKS_KEPT = 5
/** Standard errors either way. */
const Z = 2
/** Of a lock inside the C library, beside what an agent counted: fewer looks are noise. */
const LOOKS = 20

/**
 * A native lock as seen from outside: thread time in its queue lies between `secondsLow`, when its threads were seen blocked, and
 * `secondsHigh`, which adds when they had been woken and waited for a core; either way by so much more as a sample may be off.
 */
interface SampledLock {
  pid: number
  /** Hex; `0x0` where several locks cannot be told apart. */
  address: string
  kind: string
  secondsLow: Seconds
  secondsHigh: Seconds
  /** Distinct threads that waited, of those that were noted. */
  waiterThreads: number
  /** Of a read-write lock: share of that time in waits to write; null where unknown. */
  writeShare: Ratio | null
  waiters: { stack: string[]; seconds: Seconds }[]
  /** By who held it and what they were doing; thread 0: nobody, just then. Empty for locks that do not say. */
  holders: { tid: number; doing: string; stack: string[]; share: Ratio }[]
}

interface SampledLocks {
  secondsLow: Seconds
  secondsHigh: Seconds
  /** Futex waits of several threads on one word of which nobody can tell from outside whether they are idle. */
  unclassifiedSeconds: Seconds
  /** Some process switched so often that these figures mean little: an exact probe is needed. */
  storm: boolean
  /** Most wait first. */
  locks: SampledLock[]
  /** Wait by `pid/tid`, of processes with an agent. */
  msByThread: Map<string, Milliseconds>
}

/**
 * Waits for native locks in the window, from the records of native-sampler: of processes without an agent, and for what an agent
 * does not see, the locks inside the C library. Null without any.
 */
export function readSampledLocks(source: Source): SampledLocks | null {
  const counted = new Set([...source.of('native').map(({ pid }) => pid), ...toldByRuntime(source).keys()])
  const unseen = unseenByAgents(counted, source)
  if (unseen.length === 0 && !source.of('sampled').some(({ pid }) => !counted.has(pid))) return null
  const blocked = [...source.within('blocked').filter(({ pid }) => !counted.has(pid)), ...unseen]
  const holders = groupBy(source.within('holder'), ({ pid, lock }) => `${pid} ${lock}`)
  const contended = groupBy(
    blocked.filter(({ state }) => state === 'contended'),
    ({ pid, lock, kind }) => `${pid} ${lock} ${kind}`,
  )
  const looks = source.within('sampled').reduce((sum, { sweeps, looked }) => sum + sweeps * looked, 0)
  const locks = [...contended.values()].flatMap((records) => describe(records, looks, holders, source))
  const unclassified = groupBy(
    blocked.filter(({ state }) => state === 'unclassified'),
    ({ pid, lock }) => `${pid} ${lock}`,
  )
  // A thread that waits alone on a word all the time waits for work.
  const shared = [...unclassified.values()].filter((records) => new Set(records.flatMap(({ tids }) => tids)).size > 1)
  const sum = (field: 'secondsLow' | 'secondsHigh') => locks.reduce((seconds, lock) => seconds + lock[field], 0)
  return {
    secondsLow: sum('secondsLow'),
    secondsHigh: sum('secondsHigh'),
    unclassifiedSeconds: (shared.flat().reduce((ms, record) => ms + record.ms, 0) / 1000) * windowOverSampled(source),
    storm: isStorm(source),
    locks: locks.toSorted((a, b) => b.secondsLow - a.secondsLow),
    msByThread: byThread(unseen),
  }
}

/** Standard error of a share of `of` looks that was seen `n` times, in relation to that share (binomial distribution). */
function relativeError(n: number, of: number): Ratio {
  return n > 0 ? Math.sqrt(Math.max(0, 1 - n / of) / n) : 0
}

function unseenByAgents(counted: ReadonlySet<number>, source: Source): RecordOf<'blocked'>[] {
  const inside = source
    .within('blocked')
    .filter(({ pid, state, stack }) => counted.has(pid) && state === 'contended' && isInsideLibc(source.stack(stack)))
  const locks = groupBy(inside, ({ pid, lock }) => `${pid} ${lock}`)
  return [...locks.values()].filter((records) => records.reduce((sum, { n }) => sum + n, 0) >= LOOKS).flat()
}

/** Each record's time, shared by the threads that were noted in it. */
function byThread(records: readonly RecordOf<'blocked'>[]): Map<string, Milliseconds> {
  const ms = new Map<string, Milliseconds>()
  for (const record of records) {
    for (const tid of record.tids) {
      const key = threadKey({ pid: record.pid, tid })
      ms.set(key, (ms.get(key) ?? 0) + record.ms / record.tids.length)
    }
  }
  return ms
}

function describe(
  records: readonly RecordOf<'blocked'>[],
  looks: number,
  holders: ReadonlyMap<string, readonly RecordOf<'holder'>[]>,
  source: Source,
): SampledLock[] {
  const [first] = records
  if (!first) return []
  const { pid, lock = '0x0', kind = 'futex' } = first
  const scale = windowOverSampled(source)
  const sum = (field: 'ms' | 'queuedMs') => records.reduce((total, record) => total + record[field], 0) * scale
  const error =
    Z *
    relativeError(
      records.reduce((n, record) => n + record.n, 0),
      looks,
    )
  const held = [
    ...groupBy(holders.get(`${pid} ${lock}`) ?? [], ({ tid, doing, stack }) => `${tid} ${doing} ${stack}`).values(),
  ]
  const lookedAtHolder = held.flat().reduce((n, record) => n + record.n, 0)
  return [
    {
      pid,
      address: lock,
      kind,
      secondsLow: (sum('ms') / 1000) * Math.max(0, 1 - error),
      secondsHigh: ((sum('ms') + sum('queuedMs')) / 1000) * (1 + error),
      waiterThreads: new Set(records.flatMap(({ tids }) => tids)).size,
      writeShare: writeShare(records.map(({ stack, ms }) => ({ side: sideOf(source.stack(stack)), weight: ms }))),
      waiters: [...groupBy(records, ({ stack }) => stack)]
        .map(([stack, same]) => ({
          stack: source.stack(stack),
          seconds: (same.reduce((ms, record) => ms + record.ms, 0) / 1000) * scale,
        }))
        .toSorted((a, b) => b.seconds - a.seconds)
        .slice(0, STACKS_KEPT),
      holders: held
        .flatMap((same) => {
          const [holder] = same
          const share = same.reduce((n, record) => n + record.n, 0) / lookedAtHolder
          return holder
            ? [{ tid: holder.tid, doing: source.text(holder.doing), stack: source.stack(holder.stack), share }]
            : []
        })
        .toSorted((a, b) => b.share - a.share),
    },
  ]
}

/** Whether some process switches so often that what was seen from outside means little. */
export function isStorm(source: Source): boolean {
  const byPid = groupBy(source.within('switches'), ({ pid }) => pid)
  const rate = (records: readonly RecordOf<'switches'>[]) =>
    records.reduce((sum, { voluntary }) => sum + voluntary, 0) / (source.windowMs / 1000)
  return [...byPid.values()].some((records) => rate(records) > STORM)
}
