import * as v from 'valibot'
import { id, list, num, record, text, thread } from './schema-values.ts'

/** Threads of native programs, seen from outside: blocked ones (probe native-sampler), and on CPU (probe perf). */
export const sampledRecords = {
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

  /**
   * `[tid, t, ms, stack]`: until `t` the thread had used `ms` of CPU since its sample before, and stood in `stack` then; `(kernel)` is
   * the leaf of one that was in a system call or an interrupt, `(spinning)` of one in a loop that only waits for another thread.
   */
  'on-cpu': record('on-cpu', { pid: id, rows: list(v.tuple([id, num, num, id])) }),
}
