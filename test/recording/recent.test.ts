import { expect, test } from 'vitest'
import { RecentRecords } from '../../src/recording/recent.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'

/** A sink that gives ids as a recording does. */
function interning() {
  const strings = new Map<string, number>()
  const stacks = new Map<string, number>()
  const added: AnyRecord[] = []
  const idOf = (map: Map<string, number>, key: string) => map.get(key) ?? (map.set(key, map.size), map.size - 1)
  return {
    added,
    string: (text: string) => idOf(strings, text),
    stack: (frames: readonly string[]) => idOf(stacks, frames.join('\n')),
    add: (record: AnyRecord) => void added.push(record),
  }
}

const thread = (t: number, tid: number): AnyRecord => ({ k: 'thread', t, pid: 1, tid, name: `t${tid}` })
const exit = (t: number, tid: number): AnyRecord => ({ k: 'thread-exit', t, pid: 1, tid })
const gc = (t: number): AnyRecord => ({ k: 'gc', t, pid: 1, tid: 1, n: 1, ms: 1, long: [] })
const waiting = (t: number, tid: number): AnyRecord => ({ k: 'waiting', t, pid: 1, tid, slot: '0:0', since: t })

test('keeps the last span, passes all on', () => {
  const sink = interning()
  const recent = new RecentRecords(sink, 100)
  for (const t of [10, 150, 200]) recent.add(gc(t))
  expect(recent.at(250).map((record) => 't' in record && record.t)).toEqual([150, 200])
  expect(sink.added).toHaveLength(3)
})

test('lets go of what is old, though nobody looks', () => {
  const recent = new RecentRecords(interning(), 100)
  for (let t = 0; t < 1000; t += 10) recent.add({ k: 'usage', t, pid: 1, cpu: 1, rss: 1 })
  expect(recent.size).toBeLessThanOrEqual(21)
})

test('keeps what lasts until it ends', () => {
  const recent = new RecentRecords(interning(), 100)
  for (const record of [thread(1, 1), thread(1, 2), exit(20, 2)]) recent.add(record)
  expect(recent.at(50)).toHaveLength(3)
  expect(recent.at(500)).toEqual([thread(1, 1)])
})

test('keeps the wait that a thread was last seen in, while it lives', () => {
  const recent = new RecentRecords(interning(), 100)
  for (const record of [thread(1, 1), waiting(2, 1), waiting(3, 1), thread(1, 2), waiting(2, 2), exit(5, 2)])
    recent.add(record)
  expect(recent.at(500)).toEqual([thread(1, 1), waiting(3, 1)])
})

test('knows texts and stacks by the ids that the sink gave', () => {
  const recent = new RecentRecords(interning(), 100)
  const stack = recent.stack(['leaf', 'root'])
  expect((recent.stacks[stack] ?? []).map((id) => recent.strings[id])).toEqual(['leaf', 'root'])
})
