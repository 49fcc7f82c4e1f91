import * as v from 'valibot'
import { histogram, id, LIMITS, list, num, record, text, thread } from './schema-values.ts'

/** What the Node agent tells of its threads. */
export const nodeRecords = {
  /** `name`: of a worker that was there before the agent. */
  node: record('node', { ...thread, version: text, threadId: id, name: v.optional(text) }),
  /** Event loop of one thread since the record before; `delays` one entry a sample of the delay monitor. */
  loop: record('loop', { ...thread, ms: num, utilization: v.nullable(num), delays: histogram }),
  /** A stall ended at `t`, `ms` long; of the beat around it (`beatMs`) the thread was on CPU `cpuMs`, runnable `queuedMs`. */
  stall: record('stall', { ...thread, ms: num, beatMs: num, cpuMs: v.nullable(num), queuedMs: v.nullable(num) }),
  /** Trivial jobs of libuv's thread pool since the record before, and how long one that has no answer yet has waited. */
  pool: record('pool', { ...thread, latency: histogram, waitingMs: num }),
  /** Pauses since the record before; `long` lists those of 2 ms and over as `[end t, ms, kind]`. Thread 0: of all threads (probe jvm). */
  gc: record('gc', { ...thread, n: num, ms: num, long: list(v.tuple([num, num, text])) }),
  heap: record('heap', { ...thread, used: num, total: num, external: num, limit: num }),
  /**
   * Blocking `Atomics.wait` since the record before, by slot and stack. `slot` is `byteLength:byteOffset`.
   * `taken`: wakes after which the thread took the slot by a read-modify-write.
   */
  wait: record('wait', {
    ...thread,
    slot: text,
    async: v.boolean(),
    stack: v.optional(id),
    /** When the first of them began: they fill at most `from` to `t`. */
    from: num,
    n: num,
    ms: num,
    max: num,
    timedOut: num,
    taken: num,
    waits: histogram,
  }),
  /** A wait in flight at `t`, since `since`. */
  waiting: record('waiting', { ...thread, slot: text, stack: v.optional(id), since: num }),
  /** `Atomics.notify` by slot and stack; `holdMs`: time from taking the slot after a wake to this notify, over `holds` of them. */
  notify: record('notify', {
    ...thread,
    slot: text,
    stack: v.optional(id),
    n: num,
    woken: num,
    holds: num,
    holdMs: num,
  }),
  /** Waits for a promise-based lock (async-mutex, navigator.locks). */
  'promise-lock': record('promise-lock', {
    ...thread,
    name: text,
    stack: v.optional(id),
    n: num,
    ms: num,
    max: num,
    waits: histogram,
  }),
  'worker-birth': record('worker-birth', { ...thread, worker: id, name: v.optional(text), stack: v.optional(id) }),
  'worker-death': record('worker-death', { ...thread, worker: id, lifetimeMs: num }),
  child: record('child', { ...thread, child: id, command: text, stack: v.optional(id) }),
  /** Requests, and connections accepted for them, since the record before, as the server's own diagnostics_channel shows them. */
  http: record('http', {
    ...thread,
    connections: v.optional(num),
    started: num,
    finished: num,
    aborted: num,
    non2xx: num,
    inFlight: num,
    inFlightPeak: num,
    sumMs: num,
    sumSqMs: num,
    latency: histogram,
  }),
  /** A piece of a thread's CPU profile: V8's nodes as `[id, parent id or 0, frame string id]`, samples and their deltas in µs. */
  profile: record('profile', {
    ...thread,
    /** `t` of the first sample's base. */
    from: num,
    /** How often the thread was sampled; absent in recordings of before. */
    everyMs: v.optional(num),
    nodes: v.pipe(v.array(v.tuple([id, id, id])), v.maxLength(LIMITS.profile)),
    samples: v.pipe(v.array(id), v.maxLength(LIMITS.profile)),
    deltasUs: v.pipe(v.array(num), v.maxLength(LIMITS.profile)),
  }),
  /** What an agent had to leave out since the record before, rather than make the target wait. */
  dropped: record('dropped', { ...thread, n: num }),
}
