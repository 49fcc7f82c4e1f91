import type { Nanoseconds } from '../../units.ts'
import { Durations } from './counts.ts'

/** A socket that was accepted; one that was read from since, so that what is written next is an answer. */
type SocketState = 'accepted' | 'read'

/** Waits on one word, of one thread. */
export interface Word {
  address: number
  op: number
  value: number
  timeout: boolean
  /** Of those that ended. */
  waits: Durations
  /** Of all, also in part. */
  ns: Nanoseconds
}

/** Wake-ups of one word, by one thread. */
interface Woken {
  n: number
  holds: number
  holdNs: Nanoseconds
  blockedNs: Nanoseconds
  parkedNs: Nanoseconds
}

/** A wait in futex; one that has ended stays until it is known that the same call of the lock function does not wait again. */
export interface OpenWait {
  word: Word
  since: Nanoseconds
  /** Added to the word's time so far. */
  countedTo: Nanoseconds
  /** 0 while it lasts. */
  until: Nanoseconds
  /** What the thread does in between is no turn of its loop. */
  parks: boolean
}

interface Held {
  word: Word
  since: Nanoseconds
  /** Of the time since, what it was off its core and not runnable, and of this in a wait in futex. */
  blockedNs: Nanoseconds
  parkedNs: Nanoseconds
}

interface Loop {
  poll: 'epoll' | 'poll'
  /** 0 while it polls. */
  turnSince: Nanoseconds
  turns: Durations
  over10Ms: number
}

/** A process of the target. */
export class TracedProcess {
  readonly pid: number
  readonly since: Nanoseconds
  /** Another probe sees to it. */
  ignored = false
  /** musl's condition variables look like glibc's mutexes. */
  musl = false
  /** Sockets by descriptor. */
  sockets = new Map<number, SocketState>()
  created = 0
  exited = 0
  lifetimes = new Durations()
  accepts = 0
  requests = 0
  /** Its threads that live. */
  live = 0

  constructor(pid: number, since: Nanoseconds) {
    this.pid = pid
    this.since = since
  }
}

/** A thread of the target. */
export class TracedThread {
  readonly tid: number
  readonly process: TracedProcess
  /** 0: it was there before. */
  readonly born: Nanoseconds
  /** It was told of as alive. */
  told = false
  wait: OpenWait | null = null
  /** The same word as the last time, mostly. */
  lastWord: Word | null = null
  /** By their address: what is called for there differs. */
  words = new Map<number, Word[]>()
  wakes = new Map<number, Woken>()
  /** Locks that it got by waiting, and has not given back, as far as that shows; the newest last. */
  held: Held[] = []
  /** Off its core and not runnable, while it holds one. */
  blockedSince: Nanoseconds = 0
  /** 0 outside a poll. */
  polledSince: Nanoseconds = 0
  polledNs: Nanoseconds = 0
  loop: Loop | null = null
  /** The descriptor that a read in progress reads; -1 outside. */
  reads = -1

  constructor(tid: number, process: TracedProcess, born: Nanoseconds) {
    this.tid = tid
    this.process = process
    this.born = born
  }

  word(address: number, op: number, value: number, timeout: boolean): Word {
    const last = this.lastWord
    if (last?.address === address && last.op === op && last.value === value && last.timeout === timeout) return last
    let words = this.words.get(address)
    if (!words) this.words.set(address, (words = []))
    let word = words.find((word) => word.op === op && word.value === value && word.timeout === timeout)
    if (!word) words.push((word = { address, op, value, timeout, waits: new Durations(), ns: 0 }))
    this.lastWord = word
    return word
  }
}
