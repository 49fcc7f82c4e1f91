import type { Nanoseconds } from '../../units.ts'
import type { Chunk } from './chunk.ts'
import { Durations } from './counts.ts'
import { isWait, isWake, parks, valueClass, waitsAgain } from './futex-words.ts'
import { takeChunk } from './take-chunk.ts'
import { type OpenWait, TracedProcess, TracedThread } from './traced.ts'

/** clone(2). */
const CLONE_FILES = 0x400
const CLONE_THREAD = 0x10000
const TIMED_OUT = -110
/** Between two waits of one call of a lock function there is no more than a core to be waited for. */
const AGAIN_WITHIN: Nanoseconds = 10e6
const LONG_TURN: Nanoseconds = 10e6
/** Bits of a thread's state other than that it was preempted: TASK_REPORT in the kernel's sched.h. */
const NOT_RUNNABLE = 0xff
/** Of one thread: what it gave back without waking anybody is forgotten at last. */
const HELD_AT_MOST = 4

/** Threads of the target by what the kernel says that they do, event by event in the order of time. */
export class Tracker {
  readonly processes = new Map<number, TracedProcess>()
  readonly threads = new Map<number, TracedThread>()
  readonly forks: Chunk['forks'] = []
  readonly turns: Chunk['turns'] = []
  readonly gone: Chunk['gone'] = []

  /** A process that is there already, or came from elsewhere. */
  addProcess(pid: number, at: Nanoseconds): TracedProcess {
    let process = this.processes.get(pid)
    if (!process) this.processes.set(pid, (process = new TracedProcess(pid, at)))
    return process
  }

  /** A thread that is there already. */
  addThread(process: TracedProcess, tid: number): TracedThread {
    let thread = this.threads.get(tid)
    if (!thread || thread.process !== process) {
      this.threads.set(tid, (thread = new TracedThread(tid, process, 0)))
      process.live++
    }
    return thread
  }

  created(at: Nanoseconds, parent: number, tid: number, flags: number): void {
    const by = this.threads.get(parent)
    if (!by) return
    if ((flags & CLONE_THREAD) !== 0) {
      by.process.created++
      by.process.live++
      this.threads.set(tid, new TracedThread(tid, by.process, at))
      return
    }
    const process = new TracedProcess(tid, at)
    process.ignored = by.process.ignored
    process.musl = by.process.musl
    process.sockets = (flags & CLONE_FILES) === 0 ? new Map(by.process.sockets) : by.process.sockets
    process.live = 1
    this.processes.set(tid, process)
    this.threads.set(tid, new TracedThread(tid, process, at))
    this.forks.push({ at, pid: by.process.pid, tid: parent, child: tid, command: '' })
  }

  exited(at: Nanoseconds, tid: number): void {
    const thread = this.threads.get(tid)
    if (!thread) return
    this.#settle(thread)
    if (thread.wait) this.#endWait(thread, thread.wait, at)
    if (thread.polledSince > 0) thread.polledNs += at - thread.polledSince
    this.#endTurn(thread, at)
    thread.polledSince = 0
    const { process } = thread
    process.live--
    // The first thread's end is the process', as its beginning was.
    if (tid !== process.pid) {
      process.exited++
      if (thread.born > 0) process.lifetimes.add(at - thread.born)
    }
    this.gone.push({ pid: process.pid, tid })
    thread.told = true
    this.#dead.push(thread)
    this.threads.delete(tid)
  }

  /** Threads that ended since the chunk before, for what they had counted. */
  readonly #dead: TracedThread[] = []

  /** A process became another program; its first thread may be what was another one. */
  executed(tid: number, before: number, command: string): void {
    const fork = this.forks.findLast(({ child }) => child === tid)
    if (fork) fork.command = command
    const thread = this.threads.get(before)
    if (!thread) return
    if (tid !== before) {
      this.threads.delete(before)
      this.threads.set(tid, new TracedThread(tid, thread.process, thread.born))
      this.gone.push({ pid: thread.process.pid, tid: before })
    }
    thread.wait = null
  }

  futexEnter(at: Nanoseconds, tid: number, address: number, op: number, given: number, timeout: boolean): void {
    const thread = this.threads.get(tid)
    if (!thread) return
    if (isWake(op)) {
      this.#settle(thread)
      this.#wake(thread, at, address)
    } else if (isWait(op)) {
      const value = valueClass(given)
      const { wait, process } = thread
      if (wait && wait.until > 0 && wait.word.address === address && wait.word.op === op && wait.word.value === value) {
        if (!process.musl && waitsAgain(op, value) && at - wait.until < AGAIN_WITHIN) {
          wait.until = 0
          thread.held.pop()
          return
        }
      }
      this.#settle(thread)
      this.beginWait(thread, at, address, op, value, timeout)
    }
  }

  /** Also of one that was in it when the tracing began. */
  beginWait(thread: TracedThread, at: Nanoseconds, address: number, op: number, value: number, timeout: boolean): void {
    const word = thread.word(address, op, value, timeout)
    if (thread.held.length > 0) thread.held = thread.held.filter((held) => held.word !== word)
    thread.wait = { word, since: at, countedTo: at, until: 0, parks: parks(op, value) }
    if (thread.wait.parks) this.#endTurn(thread, at)
  }

  futexExit(at: Nanoseconds, tid: number, result: number): void {
    const thread = this.threads.get(tid)
    const wait = thread?.wait
    if (!thread || !wait || wait.until > 0) return
    wait.until = at
    if (wait.parks && thread.loop) thread.loop.turnSince = at
    if (result === TIMED_OUT) return this.#settle(thread)
    thread.held.push({ word: wait.word, since: at, blockedNs: 0, parkedNs: 0 })
    if (thread.held.length > HELD_AT_MOST) thread.held.shift()
    if (!waitsAgain(wait.word.op, wait.word.value)) this.#settle(thread)
  }

  pollEnter(at: Nanoseconds, tid: number, poll: 'epoll' | 'poll'): void {
    const thread = this.threads.get(tid)
    if (!thread) return
    this.#settle(thread)
    thread.loop ??= { poll, turnSince: 0, turns: new Durations(), over10Ms: 0 }
    thread.loop.poll = poll
    this.#endTurn(thread, at)
    thread.polledSince = at
  }

  pollExit(at: Nanoseconds, tid: number): void {
    const thread = this.threads.get(tid)
    if (!thread || thread.polledSince === 0) return
    thread.polledNs += at - thread.polledSince
    thread.polledSince = 0
    if (thread.loop) thread.loop.turnSince = at
  }

  readEnter(tid: number, descriptor: number): void {
    const thread = this.threads.get(tid)
    if (!thread) return
    this.#settle(thread)
    thread.reads = thread.process.sockets.has(descriptor) ? descriptor : -1
  }

  readExit(tid: number): void {
    const thread = this.threads.get(tid)
    if (!thread || thread.reads < 0) return
    if (thread.process.sockets.has(thread.reads)) thread.process.sockets.set(thread.reads, 'read')
    thread.reads = -1
  }

  wrote(tid: number, descriptor: number): void {
    const thread = this.threads.get(tid)
    if (!thread) return
    this.#settle(thread)
    const { process } = thread
    if (process.sockets.get(descriptor) !== 'read') return
    process.sockets.set(descriptor, 'accepted')
    process.requests++
  }

  accepted(tid: number, descriptor: number): void {
    const process = this.threads.get(tid)?.process
    if (!process) return
    process.accepts++
    process.sockets.set(descriptor, 'accepted')
  }

  closed(tid: number, descriptor: number): void {
    this.threads.get(tid)?.process.sockets.delete(descriptor)
  }

  /** A core goes from one thread to another; `state` of the first one as sched_switch gives it. */
  switched(at: Nanoseconds, from: number, state: number, to: number): void {
    const leaves = this.threads.get(from)
    if (leaves && (state & NOT_RUNNABLE) !== 0 && leaves.held.length > 0) leaves.blockedSince = at
    const comes = this.threads.get(to)
    if (!comes || comes.blockedSince === 0) return
    const ns = at - comes.blockedSince
    for (const held of comes.held) {
      held.blockedNs += ns
      if (comes.wait?.until === 0) held.parkedNs += ns
    }
    comes.blockedSince = 0
  }

  /** Events were lost: what threads are in the middle of may have ended long since. */
  forget(): void {
    for (const thread of this.threads.values()) {
      this.#settle(thread)
      thread.wait = null
      thread.held = []
      thread.polledSince = 0
      thread.blockedSince = 0
      thread.reads = -1
      if (thread.loop) thread.loop.turnSince = 0
    }
  }

  /** What was counted up to `at` since the chunk before. */
  take(at: Nanoseconds): Chunk {
    for (const { wait } of this.threads.values()) if (wait) this.#count(wait, wait.until || at)
    return takeChunk(this, this.#dead.splice(0), at)
  }

  /** The wait that has ended was the whole of it. */
  #settle(thread: TracedThread): void {
    const { wait } = thread
    if (wait && wait.until > 0) this.#endWait(thread, wait, wait.until)
  }

  #endWait(thread: TracedThread, wait: OpenWait, at: Nanoseconds): void {
    this.#count(wait, at)
    // The time was added as it went by.
    wait.word.waits.add(Math.max(0, at - wait.since))
    thread.wait = null
  }

  #count(wait: OpenWait, at: Nanoseconds): void {
    if (at <= wait.countedTo) return
    wait.word.ns += at - wait.countedTo
    wait.countedTo = at
    wait.word.waits.see(at - wait.since)
  }

  #wake(thread: TracedThread, at: Nanoseconds, address: number): void {
    let woken = thread.wakes.get(address)
    if (!woken) thread.wakes.set(address, (woken = { n: 0, holds: 0, holdNs: 0, blockedNs: 0, parkedNs: 0 }))
    woken.n++
    const place = thread.held.findLastIndex(({ word }) => word.address === address || isParked(word))
    const [held] = place < 0 ? [] : thread.held.splice(place, 1)
    if (!held) return
    woken.holds++
    woken.holdNs += at - held.since
    woken.blockedNs += held.blockedNs
    woken.parkedNs += held.parkedNs
  }

  #endTurn({ loop, tid, process }: TracedThread, at: Nanoseconds): void {
    if (!loop || loop.turnSince === 0) return
    const ns = Math.max(0, at - loop.turnSince)
    loop.turnSince = 0
    loop.turns.add(ns)
    if (ns < LONG_TURN) return
    loop.over10Ms++
    this.turns.push({ pid: process.pid, tid, endedAt: at, ns })
  }
}

/** Who parks on a word of its own wakes others by theirs. */
function isParked({ op, value }: { op: number; value: number }): boolean {
  return op === 0x80 && value === 1
}
