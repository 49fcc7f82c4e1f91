/**
 * What a recording holds: the header (line 1) and the kinds of record after it.
 * `t` is in monotonic milliseconds since the recording began; durations are in milliseconds, sizes in bytes.
 * docs/recording-format.md describes the same for readers in other languages.
 */
import * as v from 'valibot'
import { runtimeRecords } from './runtime-records.ts'
import { fidelity, histogram, id, LIMITS, list, num, record, text, thread } from './schema-values.ts'

export { LIMITS } from './schema-values.ts'

export const FORMAT = 'holdup-recording'
export const VERSION = 2

/** What a native thread waits for; `futex-lock` and `futex-idle` are Rust std's, `park` can be either. */
const nativeWait = v.picklist([
  ...(['mutex', 'rwlock-read', 'rwlock-write', 'semaphore', 'futex-lock'] as const),
  ...(['condition', 'join', 'futex-idle', 'park'] as const),
])

export const headerSchema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  holdup: text,
  /** Unix milliseconds at `t` = 0. */
  startedAt: num,
  /** CLOCK_MONOTONIC in milliseconds at `t` = 0: what other clocks of the machine are held against. */
  monotonicMs: num,
  target: v.object({ pid: id, command: text, attached: v.boolean() }),
  host: v.object({
    cores: num,
    platform: text,
    arch: text,
    kernel: text,
    memoryBytes: num,
    /** CPUs the cgroup allows, null without a limit. */
    cgroupCpuLimit: v.nullable(num),
    /** Milliseconds a clock tick of /proc/PID/stat. */
    tickMs: num,
  }),
  options: v.object({
    warmupMs: num,
    cpuProfileMs: v.nullable(num),
  }),
  probes: list(v.object({ id: text, fidelity, signals: list(text), note: v.optional(text) })),
})

export const recordSchemas = {
  /** Interned text; `id` counts up from 0. */
  string: v.object({ k: v.literal('string'), id, s: text }),
  /** Interned stack: string ids, leaf first. A frame reads `function (file:line:column)`. */
  stack: v.object({ k: v.literal('stack'), id, frames: v.pipe(v.array(id), v.maxLength(LIMITS.frames)) }),

  // The target's processes and threads, as the operating system sees them (probe proc).
  /** `runtime`: node, native, jvm, python, go or unknown. */
  process: record('process', { pid: id, ppid: id, command: text, runtime: v.optional(text) }),
  'process-exit': record('process-exit', { pid: id, code: v.nullable(num), signal: v.nullable(text) }),
  /** `began`: when, of one that was there for a while before it was first seen. */
  thread: record('thread', { ...thread, name: text, began: v.optional(num) }),
  'thread-exit': record('thread-exit', { ...thread }),
  /** Cumulative CPU of the process, its memory now. `pss`, and `sockets` that it has open, only about once a second. */
  proc: record('proc', {
    pid: id,
    cpuMs: num,
    rss: num,
    pss: v.optional(num),
    threads: num,
    sockets: v.optional(num),
  }),
  /**
   * One sweep over a process' threads, in columns: `cpuMs` and `queuedMs` cumulative (schedstat), `states` a letter of /proc/PID/stat
   * each, `waits` the string ids of what they are blocked in (`futex 0x189 0`, `epoll_wait`), -1 unknown.
   * `of` is the number of threads there were: more than that of `tids` means a random subset.
   */
  threads: record('threads', {
    pid: id,
    of: num,
    tids: list(id),
    cpuMs: list(num),
    queuedMs: list(num),
    states: v.pipe(v.string(), v.maxLength(LIMITS.list)),
    waits: list(num),
  }),
  /** Context switches since the record before. */
  switches: record('switches', { pid: id, voluntary: num, involuntary: num }),
  /**
   * A control group that the target runs in, by its folder: `cores` that its CPU quota allows (null: neither it nor one above has any), and
   * since the record before, over `ms`: its periods, those with the quota used up, and for how long its run queues (one a core) stood still. `shared`:
   * holdup runs in it too.
   */
  cgroup: record('cgroup', {
    name: text,
    cores: v.nullable(num),
    ms: num,
    periods: num,
    throttled: num,
    throttledMs: num,
    shared: v.optional(v.boolean()),
  }),
  /**
   * CPU time since the record before, over `ms`, of the `cores` that the target may run on: in use, idle, and given to others by a
   * hypervisor; and of all cores, what holdup used with its load and all else that it started, and the target.
   */
  machine: record('machine', {
    cores: num,
    ms: num,
    busyMs: num,
    idleMs: num,
    stealMs: num,
    ownMs: num,
    targetMs: num,
  }),
  /** A program of this machine, neither the target's nor holdup's, that used most CPU since the record before. */
  neighbour: record('neighbour', { name: text, cpuMs: num }),
  /** A process of the target listens on a TCP port. */
  listener: record('listener', { pid: id, port: id }),
  /** Connections to a port that waited to be accepted, over `ms`: `waitingMs` added up, `someMs` while there was any; none of an empty queue. */
  'accept-queue': record('accept-queue', { port: id, ms: num, waitingMs: num, someMs: num, peak: num }),
  /** Connections that a process has open as a client, `to` an address and port; when their number changes. */
  upstream: record('upstream', { pid: id, to: text, n: num }),
  /** Connections that clients made, in so many `looks` since the record before: `open`, and of these with data that was sent and not acknowledged. */
  'client-sockets': record('client-sockets', { looks: num, open: num, unacked: num }),
  /** The portable series (probe pidusage); `cpu` in cores. */
  usage: record('usage', { pid: id, cpu: num, rss: num }),

  // Threads of native programs, sampled from outside (probe native-sampler).
  /**
   * Threads seen blocked since the record before, by what for and where: `n` looks that stand for `ms` of thread time. What they then
   * were runnable (`queuedMs`) may belong to the wait: the true time lies between `ms` and their sum. `wait` is a string id as in
   * `threads`; a futex has its `kind`, `state` and the address of its `lock` (0x0: not to be told). `tids`: up to 64 of them.
   */
  blocked: record('blocked', {
    pid: id,
    wait: id,
    kind: v.optional(text),
    state: v.optional(v.picklist(['contended', 'idle', 'unclassified'])),
    lock: v.optional(text),
    stack: v.optional(id),
    n: num,
    ms: num,
    queuedMs: num,
    tids: list(id),
  }),
  /**
   * Who held a lock that others waited for, in `n` looks: thread `tid` (0: nobody just then) and what it was `doing` (string id:
   * `running`, `unknown`, or what it was blocked in); `awaits`: the lock whose queue it was itself in.
   */
  holder: record('holder', {
    ...thread,
    lock: text,
    doing: id,
    awaits: v.optional(text),
    stack: v.optional(id),
    n: num,
  }),
  /** A stack of a blocked thread as far as it could be followed, once a thread: what the thread is there for. */
  'thread-stack': record('thread-stack', { ...thread, stack: id }),
  /** The sampling of a process over `ms`: mean numbers of its threads and of those looked at; thread time seen running, and unknown. */
  sampled: record('sampled', {
    pid: id,
    ms: num,
    sweeps: num,
    threads: num,
    looked: num,
    runningMs: num,
    unknownMs: num,
  }),
  /**
   * What threads that come and go leave behind: CPU of the process, of it `deadCpuMs` by threads that are gone; processes and threads
   * `begun` in holdup's pid namespace; in `probes` looks at the newest of these it was the process' own `ours` times, another's `others` times, of
   * these `children` times a child's of the process.
   */
  churn: record('churn', {
    pid: id,
    cpuMs: num,
    deadCpuMs: num,
    begun: num,
    probes: num,
    ours: num,
    others: num,
    children: v.optional(num),
  }),

  // Threads of native programs on CPU (probe perf).
  /**
   * `[tid, t, ms, stack]`: until `t` the thread had used `ms` of CPU since its sample before, and stood in `stack` then; `(kernel)` is
   * the leaf of one that was in a system call or an interrupt, `(spinning)` of one in a loop that only waits for another thread.
   */
  'on-cpu': record('on-cpu', { pid: id, rows: list(v.tuple([id, num, num, id])) }),

  // The Node agent.
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
    nodes: v.pipe(v.array(v.tuple([id, id, id])), v.maxLength(LIMITS.profile)),
    samples: v.pipe(v.array(id), v.maxLength(LIMITS.profile)),
    deltasUs: v.pipe(v.array(num), v.maxLength(LIMITS.profile)),
  }),
  /** What an agent had to leave out since the record before, rather than make the target wait. */
  dropped: record('dropped', { ...thread, n: num }),

  // The native agent.
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

  ...runtimeRecords,

  // The load driver (client side).
  /**
   * Requests since the record before. Of the driver itself: its CPU, how late its own timers came (`lag`), and CPU time of the whole
   * machine (`busyMs`). At a given rate: how long after its time each request was taken up (`pacing`), and how many waited for a
   * connection at `t`.
   */
  load: record('load', {
    ms: num,
    requests: num,
    non2xx: num,
    timeouts: num,
    errors: num,
    inFlight: num,
    sumMs: num,
    sumSqMs: num,
    latency: histogram,
    cpuMs: v.optional(num),
    lag: v.optional(histogram),
    busyMs: v.optional(num),
    pacing: v.optional(histogram),
    queued: v.optional(num),
  }),
  /** A step of `holdup scale`: so many connections, measured from `from` to `t`. */
  step: record('step', { from: num, connections: num, of: v.picklist(['ramp', 'capacity']) }),
  /** What `holdup scale` was asked for, and why its ramp ended. `slo`: `p99<100ms`. */
  scale: record('scale', { slo: v.optional(text), maxErrors: num, ended: text }),

  // The recorder itself.
  mark: record('mark', { label: text }),
  /** How late holdup's own sweeps came since the record before: `late` of `ticks` by more than half a period. */
  recorder: record('recorder', { ticks: num, late: num, maxLateMs: num }),
  /**
   * Detail before `before` was thinned to stay within the size cap. `left`: records left out altogether, by kind (of the
   * CPU profile, of threads and processes that are gone); only where halving the detail was not enough.
   */
  thinned: record('thinned', { before: num, left: v.optional(list(v.tuple([text, num]))) }),
  /** Always last in a recording that was not cut off. */
  end: record('end', {
    reason: text,
    exit: v.nullable(v.object({ code: v.nullable(num), signal: v.nullable(text) })),
    /** `kept`: of a probe whose events are no records. */
    probes: list(v.object({ id: text, cpuSeconds: num, dropped: num, kept: v.optional(num), note: v.optional(text) })),
  }),
} as const

export type Header = v.InferOutput<typeof headerSchema>
export type RecordKind = keyof typeof recordSchemas
export type RecordOf<K extends RecordKind> = v.InferOutput<(typeof recordSchemas)[K]>
export type AnyRecord = { [K in RecordKind]: RecordOf<K> }[RecordKind]
export type Fidelity = v.InferOutput<typeof fidelity>
export type Histogram = v.InferOutput<typeof histogram>
