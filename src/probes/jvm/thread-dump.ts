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

interface Dumped {
  tid: number
  waitsFor: { lock: string; class: string; monitor: boolean } | null
  holds: Set<string>
  stack: string[]
}

const HEAD = /^".*" .*\bnid=(0x[\da-f]+|\d+)/
const FRAME = /^\s+at ([^(]+)\((.*)\)$/
const WAITS = /^\s+- (?:waiting (?:to lock|to re-lock in wait\(\))|(parking) to wait for) +<(0x[\da-f]+)> \(a (.*)\)$/
const WAITS_ON = /^\s+- waiting on <(0x[\da-f]+)>/
const HOLDS = /^\s+- (?:locked )?<(0x[\da-f]+)> \(a /
const LOCKS: ReadonlySet<string> = new Set(['mutex', 'rwlock-read', 'rwlock-write'])

/** Of what `jcmd Thread.print -l` prints, the threads that wait for a lock, and who has it. */
export function blockedThreads(dump: string): BlockedThread[] {
  const threads = parse(dump)
  const owners = new Map(threads.flatMap(({ tid, holds }) => [...holds].map((lock) => [lock, tid] as const)))
  return threads.flatMap(({ tid, waitsFor, stack }) => {
    if (!waitsFor) return []
    const kind = waitsFor.monitor ? 'mutex' : parkKind(waitsFor.class, stack)
    if (!isLock(kind)) return []
    const of = waitsFor.monitor ? `monitor of ${waitsFor.class}` : lockClass(waitsFor.class)
    return [{ tid, kind, lock: waitsFor.lock, of, stack, owner: owners.get(waitsFor.lock) ?? 0 }]
  })
}

function isLock(kind: RecordOf<'runtime-wait'>['kind']): kind is BlockedThread['kind'] {
  return LOCKS.has(kind)
}

function parse(dump: string): Dumped[] {
  const threads: Dumped[] = []
  for (const line of dump.split('\n')) {
    const head = HEAD.exec(line)?.[1]
    if (head !== undefined) threads.push({ tid: Number(head), waitsFor: null, holds: new Set(), stack: [] })
    const thread = threads.at(-1)
    if (thread) readLine(line, thread)
  }
  return threads
}

function readLine(line: string, thread: Dumped): void {
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
