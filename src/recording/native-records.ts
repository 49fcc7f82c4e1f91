import * as v from 'valibot'
import { histogram, id, list, num, record, text, thread } from './schema-values.ts'

/** What a native thread waits for; `futex-lock` and `futex-idle` are Rust std's, `park` can be either. */
const nativeWait = v.picklist([
  ...(['mutex', 'rwlock-read', 'rwlock-write', 'semaphore', 'futex-lock'] as const),
  ...(['condition', 'join', 'futex-idle', 'park'] as const),
])

/** What the native agent counts, or the probe tracefs in its stead. */
export const nativeRecords = {
  /** A probe began to count in a process, the native agent or `by` another; `libc`: glibc or other. */
  native: record('native', { pid: id, libc: text, by: v.optional(text) }),
  /**
   * Waits since the record before, by kind, lock and the waiter's stack. `ms` holds waits in flight too, as far as they
   * got; `n` and `waits` only those that ended. `max` is the longest there ever was. `waiting`: threads at `t`.
   */
  'native-wait': record('native-wait', {
    pid: id,
    kind: nativeWait,
    lock: v.optional(text),
    stack: v.optional(id),
    n: num,
    ms: num,
    max: num,
    waiting: num,
    waits: histogram,
  }),
  /** Where a lock that others waited for was given back; `holdMs`: time since it was got after a wait, over `holds` of them. */
  'native-unlock': record('native-unlock', {
    pid: id,
    lock: text,
    stack: v.optional(id),
    n: num,
    holds: num,
    holdMs: num,
  }),
  /** Of a semaphore that is waited for: posts by threads that had not got it, and waits of threads that had. A lock has none. */
  'native-post': record('native-post', { pid: id, lock: text, n: num }),
  /** Threads created and exited since the record before, by the stack that created them. */
  'native-spawn': record('native-spawn', {
    pid: id,
    stack: v.optional(id),
    created: num,
    exited: num,
    lifetimeMs: num,
    lifetimes: histogram,
  }),
  /** A thread was first seen alive; `born`: when its creation began. */
  'native-thread': record('native-thread', { ...thread, born: num, stack: v.optional(id) }),
  /** What threads have spent in waits, those in flight too: `[tid, lockMs, idleMs, joinMs, unclassifiedMs, pollMs]`; `exited` all that are gone. */
  'native-threads': record('native-threads', {
    pid: id,
    rows: list(v.tuple([id, num, num, num, num, num])),
    exited: v.tuple([num, num, num, num, num]),
  }),
  /** Turns of a loop since the record before: from the return of a poll to the next one. `max` is the longest there ever was. */
  'native-loop': record('native-loop', {
    ...thread,
    poll: v.picklist(['epoll', 'poll']),
    turns: num,
    ms: num,
    max: num,
    over10Ms: num,
    turnMs: histogram,
    /** How long the turn that it is in has lasted, of 10 ms or more: it is in none of the sums yet. */
    inTurnMs: v.optional(num),
  }),
  /** A turn of 10 ms or more that ended at `t`. */
  'native-turn': record('native-turn', { ...thread, ms: num }),
  /** Connections accepted, and requests: a read and then a write on one of them. */
  'native-requests': record('native-requests', { pid: id, accepts: num, requests: num }),
}
