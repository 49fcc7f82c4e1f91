import * as v from 'valibot'
import { histogram, id, list, num, record, text, thread } from './schema-values.ts'

/** What the runtime of a process tells of its own threads and locks (probes jvm and go). */
export const runtimeRecords = {
  /** Such a probe began to count in a process. Waits shorter than `thresholdMs` are left out; of 0 none are, or they are sampled. */
  runtime: record('runtime', { pid: id, of: v.picklist(['jvm', 'go']), thresholdMs: num }),
  /**
   * Waits by what for, lock and stack, as far as they lay in `from` to `t`; `n`, `max` and `waits` of those that ended there. `of`: what kind
   * of lock, a string id. `threads`: `[tid, ms]`, where that is known. Of samples `n` counts looks, and `waits` is empty.
   */
  'runtime-wait': record('runtime-wait', {
    pid: id,
    kind: v.picklist(['mutex', 'rwlock-read', 'rwlock-write', 'semaphore', 'condition', 'park']),
    lock: text,
    of: id,
    stack: v.optional(id),
    from: num,
    n: num,
    ms: num,
    max: num,
    waits: histogram,
    threads: list(v.tuple([id, num])),
  }),
  /** For `ms` of `from` to `t` threads waited for a lock, so that another one had it; or: its holder was seen `n` times in `stack`. */
  'runtime-hold': record('runtime-hold', { pid: id, lock: text, stack: v.optional(id), from: num, n: num, ms: num }),
  /** At `t` a thread waits for a lock, which thread `owner` has (0: that is not known). */
  'runtime-blocked': record('runtime-blocked', {
    ...thread,
    kind: v.picklist(['mutex', 'rwlock-read', 'rwlock-write']),
    lock: text,
    of: id,
    stack: v.optional(id),
    owner: id,
  }),
  /** Threads begun and ended in `from` to `t`, by the stack that began them. */
  'runtime-spawn': record('runtime-spawn', {
    pid: id,
    stack: v.optional(id),
    from: num,
    created: num,
    exited: num,
    lifetimeMs: num,
    lifetimes: histogram,
  }),
} as const
