import * as v from 'valibot'
import { id, LIMITS, list, num, record, text, thread } from './schema-values.ts'

/** What the operating system shows of the target (probes proc and pidusage). */
export const procRecords = {
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
}
