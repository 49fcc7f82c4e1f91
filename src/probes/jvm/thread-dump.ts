import type { RecordOf } from '../../recording/schema.ts'
import { lockClass, parkKind } from './park-kind.ts'

/** A thread of a dump that waits for a lock. */
export interface BlockedThread {
  tid: number
  kind: RecordOf<'runtime-blocked'>['kind']
  /** Where the object lies just now, in hex, and what it is. */
  lock: string
  of: string
  stack: string[]
  /** Who has it, 0 where that is not said. */
  owner: number
}

/** A thread of a dump that has a monitor which others wait for. */
export interface SeenHolder {
  tid: number
  waiters: number[]
  /** `running`, or the call that it is blocked in. */
  doing: string
  /** It waits for a lock itself. */
  isBehindLock: boolean
  stack: string[]
}

interface Dumped {
  name: string
  tid: number
  state: string
  waitsFor: { lock: string; class: string; monitor: boolean } | null
  holds: Set<string>
  stack: string[]
}

const HEAD = /^"(.*)" .*\bnid=(0x[\da-f]+|\d+)/
const STATE = /^\s+java\.lang\.Thread\.State: (\w+)/
const FRAME = /^\s+at ([^(]+)\((.*)\)$/
const WAITS = /^\s+- (?:waiting (?:to lock|to re-lock in wait\(\))|(parking) to wait for) +<(0x[\da-f]+)> \(a (.*)\)$/
const WAITS_ON = /^\s+- waiting on <(0x[\da-f]+)>/
const HOLDS = /^\s+- (?:locked )?<(0x[\da-f]+)> \(a /
/** A thread in such a native function counts as runnable, though it waits for the kernel. */
const IN_KERNEL = /^(java\.(io|net)|sun\.nio\.(ch|fs))\..* \(Native Method\)$/
/** What every wait has in common says nothing of it. */
const PARKS = /^(jdk\.internal\.|sun\.misc\.|sun\.nio\.|java\.util\.concurrent\.locks\.LockSupport\.)/
/** What follows tells of each deadlock, with the stacks of its threads once more. */
const DEADLOCKS = /^Found .* deadlock/m
const IN_CIRCLE =
  /^".*":\n\s+waiting .*\b(?:object |ownable synchronizer )(0x[\da-f]+).*\n\s+(?:in JNI, )?which is held by "(.*)"$/gm
const LOCKS: ReadonlySet<string> = new Set(['mutex', 'rwlock-read', 'rwlock-write'])

/**
 * Of what `jcmd Thread.print` prints, the threads that wait for a lock, and who has it. Of a lock of java.util.concurrent that is said
 * of a deadlock alone: for the others (`-l`) the JVM stops to search its whole heap.
 */
export function blockedThreads(dump: string): BlockedThread[] {
  const end = DEADLOCKS.exec(dump)?.index ?? dump.length
  const threads = parse(dump.slice(0, end))
  const owners = new Map(threads.flatMap(({ tid, holds }) => [...holds].map((lock) => [lock, tid] as const)))
  for (const [lock, tid] of ownersInCircles(dump.slice(end), threads)) owners.set(lock, tid)
  return threads.flatMap(({ tid, waitsFor, stack }) => {
    if (!waitsFor) return []
    const kind = waitsFor.monitor ? 'mutex' : parkKind(waitsFor.class, stack)
    if (!isLock(kind)) return []
    const of = waitsFor.monitor ? `monitor of ${waitsFor.class}` : lockClass(waitsFor.class)
    return [{ tid, kind, lock: waitsFor.lock, of, stack, owner: owners.get(waitsFor.lock) ?? 0 }]
  })
}

/**
 * Of the same, who has the monitors that threads wait for, and what it does. (Of a lock of java.util.concurrent that is not said.)
 */
export function seenHolders(dump: string): SeenHolder[] {
  const threads = parse(dump.slice(0, DEADLOCKS.exec(dump)?.index))
  const waiters = new Map<string, number[]>()
  for (const { tid, waitsFor } of threads) {
    if (!waitsFor?.monitor) continue
    const own = waiters.get(waitsFor.lock)
    if (own) own.push(tid)
    else waiters.set(waitsFor.lock, [tid])
  }
  return threads.flatMap((thread) =>
    [...thread.holds].flatMap((lock) => {
      const { tid, stack, waitsFor } = thread
      const own = waiters.get(lock)
      const isBehindLock = waitsFor !== null && (waitsFor.monitor || isLock(parkKind(waitsFor.class, stack)))
      return own ? [{ tid, waiters: own, doing: doingOf(thread), isBehindLock, stack }] : []
    }),
  )
}

function doingOf({ state, stack }: Dumped): string {
  if (state === 'RUNNABLE' && !IN_KERNEL.test(stack[0] ?? '')) return 'running'
  const frame = stack.find((each) => !PARKS.test(each)) ?? stack[0] ?? state
  return frame.replace(/ .*/, '').split('.').slice(-2).join('.')
}

/** Each waits for what the next one has, the last for what the first has. Names may be those of several: what one waits for tells it. */
function ownersInCircles(deadlocks: string, threads: readonly Dumped[]): [lock: string, tid: number][] {
  return deadlocks.split(/^Found /m).flatMap((deadlock) => {
    const circle = [...deadlock.matchAll(IN_CIRCLE)].map(([, lock = '', owner = '']) => ({ lock, owner }))
    return circle.flatMap(({ lock, owner }, i): [string, number][] => {
      const awaited = (circle[i + 1] ?? circle[0])?.lock
      const one = threads.find(({ name, waitsFor }) => name === owner && waitsFor?.lock === awaited)
      return one ? [[lock, one.tid]] : []
    })
  })
}

function isLock(kind: RecordOf<'runtime-wait'>['kind']): kind is BlockedThread['kind'] {
  return LOCKS.has(kind)
}

function parse(dump: string): Dumped[] {
  const threads: Dumped[] = []
  for (const line of dump.split('\n')) {
    const [head, name = '', tid] = HEAD.exec(line) ?? []
    if (head !== undefined)
      threads.push({ name, tid: Number(tid), state: '', waitsFor: null, holds: new Set(), stack: [] })
    const thread = threads.at(-1)
    if (thread) readLine(line, thread)
  }
  return threads
}

function readLine(line: string, thread: Dumped): void {
  thread.state = STATE.exec(line)?.[1] ?? thread.state
  const [, call = '', place = ''] = FRAME.exec(line) ?? []
  if (call !== '') thread.stack.push(`${call.replace(/[/+]0x[\da-f]+(?=\.)/, '')} (${place.replace(/^.*\//, '')})`)
  const [waits, parking, lock = '', name = ''] = WAITS.exec(line) ?? []
  if (waits !== undefined) thread.waitsFor = { lock, class: name, monitor: parking === undefined }
  const held = HOLDS.exec(line)?.[1]
  if (held !== undefined && held !== thread.waitsFor?.lock) thread.holds.add(held)
  // Who waits to be notified has given it back, though it is listed as locked.
  const on = WAITS_ON.exec(line)?.[1]
  if (on !== undefined) thread.waitsFor = { lock: on, class: '', monitor: false }
}
