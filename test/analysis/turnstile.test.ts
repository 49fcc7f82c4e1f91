import { describe, expect, it } from 'vitest'
import { turnstile } from '../../src/analysis/turnstile.ts'
import type { HolderBlocked } from '../../src/analysis/signals.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const strings = [
  'futex 0x89 n',
  'epoll_wait',
  'std::thread::park (server)',
  'work (src/main.rs:50)',
  'other (src/main.rs:9)',
  'main (src/main.rs:30)',
  'read',
]
const stacks = [
  [2, 3, 5],
  [2, 4, 5],
]
const WAITERS = [
  'std::sys::sync::mutex::futex::Mutex::lock_contended (server)',
  'work (src/main.rs:49)',
  'main (src/main.rs:31)',
]
/** Seen in the whole window of 10 s, unless told otherwise. */
const blocked = (values: Partial<RecordOf<'blocked'>> = {}): AnyRecord => ({
  k: 'blocked',
  t: 5000,
  pid: 30,
  wait: 0,
  kind: 'park',
  state: 'idle',
  lock: '0x9',
  stack: 0,
  n: 400,
  ms: 9000,
  queuedMs: 0,
  tids: [33],
  ...values,
})
const load = (inFlight: number): AnyRecord => ({
  k: 'load',
  t: 5000,
  ms: 250,
  requests: 0,
  non2xx: 0,
  timeouts: 0,
  errors: 0,
  inFlight,
  sumMs: 0,
  sumSqMs: 0,
  latency: [],
})
const roleOf = (records: AnyRecord[], holderBlocked: HolderBlocked | null = null, stack = WAITERS) =>
  turnstile(
    { pid: 30, heldUp: 6, waiters: [{ stack, seconds: 60 }], holderBlocked },
    sourceOf(records, { strings, stacks }),
  )?.role

describe('a lock that does not say who holds it', () => {
  it.each([
    ['another thread is parked where they wait', [blocked()], 'unclassified'],
    ['another thread waits there for events', [blocked({ wait: 1, kind: '', state: 'idle' })], 'idle'],
    ['it does so for less than half of the time', [blocked({ ms: 4900 })], undefined],
    ['several are parked there: idle workers without the lock', [blocked(), blocked({ ms: 2500 })], undefined],
    ['it is parked elsewhere', [blocked({ stack: 1 })], undefined],
    ['it is another process', [blocked({ pid: 31 })], undefined],
    ['it waits on a condition variable, which gives the mutex back', [blocked({ kind: 'condvar' })], undefined],
    ['it waits for an answer', [blocked({ wait: 6, kind: '', state: 'idle' })], undefined],
    ['there is none', [], undefined],
  ] as const)('%s', (_, records, role) => {
    expect(roleOf([...records] as AnyRecord[])).toBe(role)
  })

  it.each([
    ['six threads wait, three requests are in flight', [load(3)], 'unclassified'],
    ['six requests: each may be one that waits', [load(6)], undefined],
    ['none gets an answer', [load(32)], undefined],
  ])('%s', (_, records, role) => {
    expect(roleOf(records)).toBe(role)
  })

  it('without a place nothing can be told', () => {
    expect(roleOf([blocked()], null, [])).toBeUndefined()
  })
})

describe('a lock that says it', () => {
  const held = (share: number, call: string, behindLock = 0): HolderBlocked => ({
    share,
    in: call,
    behindLock,
    stack: [],
  })
  it.each([
    ['its holder waits for connections', held(0.9, 'accept4'), 'idle'],
    ['its holder waits for events', held(0.9, 'epoll_wait'), 'idle'],
    ['it does so for less than half of the time', held(0.49, 'epoll_wait'), undefined],
    ['its holder waits for an answer', held(0.9, 'read'), undefined],
    ['its holder waits for a socket, which may be an answer', held(0.9, 'poll'), undefined],
    ['its holder works', held(0, ''), undefined],
  ])('%s', (_, holder, role) => {
    expect(roleOf([blocked()], holder)).toBe(role)
  })

  it.each([
    [
      'it waits for another thread, and more wait for it than requests are in flight',
      held(0.9, 'futex'),
      'unclassified',
    ],
    ['it works, whatever is in flight', held(0.2, 'futex'), undefined],
    ['it waits in the queue of another lock', held(0.9, 'futex', 0.9), undefined],
  ])('%s', (_, holder, role) => {
    expect(roleOf([load(3)], holder)).toBe(role)
  })

  it.each([
    ['3 connections of clients bound what is in flight where no load is driven', 3, 'unclassified'],
    ['6 connections may carry as many requests as wait', 6, undefined],
  ])('%s', (_, open, role) => {
    const looked: AnyRecord = { k: 'client-sockets', t: 5000, looks: 20, open: 20 * open, unacked: 0 }
    expect(roleOf([looked], held(0.9, 'futex'))).toBe(role)
  })
})
