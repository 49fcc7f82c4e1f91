import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import * as layout from './layout.ts'
import { u64 } from './layout.ts'

export interface Site {
  index: number
  kind: number
  /** Of the lock; 0 where its kind has none. */
  address: number
  /** Return addresses, leaf first. */
  frames: number[]
  count: number
  nanos: number
  longest: number
  ended: number
  buckets: number[]
}

interface Thread {
  tid: number
  born: number
  /** Index of the site that created it; 0 unknown. */
  spawnedAt: number
  waitSince: number
  waitKind: number
  waitSite: number
  spent: number[]
  /** A moment at which it did something; 0 unknown. */
  aliveAt: number
}

export interface Loop {
  index: number
  tid: number
  turnSince: number
  turns: number
  nanos: number
  longest: number
  over10Ms: number
  poll: 'epoll' | 'poll'
  buckets: number[]
}

export interface Module {
  start: number
  end: number
  offset: number
  path: string
}

/** What a table held when it was read. All counts are cumulative, all times CLOCK_MONOTONIC nanoseconds. */
export interface Snapshot {
  at: number
  created: number
  exited: number
  spentByExited: number[]
  lost: number
  accepts: number
  requests: number
  turnsUsed: number
  modules: Module[]
  turns: { tid: number; endedAt: number; nanos: number }[]
  loops: Loop[]
  threads: Thread[]
  sites: Site[]
}

/** The table of one process, read by a descriptor that is kept: it stays readable when the process or the file is gone. */
export class NativeTable {
  /** In the process' own pid namespace, as the ids of its threads. */
  readonly pid: number
  /** Inode of that namespace; 0 unknown. */
  readonly namespace: number
  readonly libc: 'glibc' | 'other'
  readonly createdAt: number
  readonly #fd: number

  private constructor(fd: number, header: Buffer) {
    this.#fd = fd
    this.pid = u64(header, layout.HEADER.pid)
    this.namespace = u64(header, layout.HEADER.pidNamespace)
    this.libc = header.readUInt32LE(layout.HEADER.libc) === 1 ? 'glibc' : 'other'
    this.createdAt = u64(header, layout.HEADER.createdAt)
  }

  /** null where there is none, or not yet. */
  static open(path: string): NativeTable | null {
    let fd
    try {
      // Whoever the target runs as may write there: nothing but a table is wanted.
      fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      const header = Buffer.alloc(layout.HEADER.bytes)
      readSync(fd, header, 0, header.length, 0)
      const isTable =
        header.toString('latin1', 0, 8) === layout.MAGIC &&
        header.readUInt32LE(layout.HEADER.version) === layout.VERSION &&
        fstatSync(fd).isFile() &&
        fstatSync(fd).size >= layout.SITES.at
      if (isTable) return new NativeTable(fd, header)
    } catch {
      // Gone again.
    }
    if (fd !== undefined) closeSync(fd)
    return null
  }

  /** Throws what reading throws. */
  read(): Snapshot {
    const header = this.#list({ at: 0, bytes: layout.HEADER.bytes, most: 1 }, 1)
    const list = (of: typeof layout.SITES, used: number) => this.#list(of, u64(header, used))
    const many = (at: number, count: number) => Array.from({ length: count }, (_, i) => u64(header, at + 8 * i))
    // Threads before sites: a wait that ends in between counts twice for a moment, rather than not at all.
    const threads = list(layout.THREADS, layout.HEADER.threadsUsed)
    const at = Number(process.hrtime.bigint())
    return {
      at,
      created: u64(header, layout.HEADER.created),
      exited: u64(header, layout.HEADER.exited),
      spentByExited: many(layout.HEADER.spentByExited, layout.SPENT_CLASSES),
      lost: many(layout.HEADER.lost, layout.LOSSES).reduce((sum, lost) => sum + lost, 0),
      accepts: u64(header, layout.HEADER.accepts),
      requests: u64(header, layout.HEADER.requests),
      turnsUsed: u64(header, layout.HEADER.turnsUsed),
      threads: entries(threads, layout.THREADS.bytes, toThread).filter(({ tid }) => tid > 0),
      sites: entries(list(layout.SITES, layout.HEADER.sitesUsed), layout.SITES.bytes, toSite),
      loops: entries(list(layout.LOOPS, layout.HEADER.loopsUsed), layout.LOOPS.bytes, toLoop),
      turns: entries(list(layout.TURNS, layout.HEADER.turnsUsed), layout.TURNS.bytes, toTurn),
      modules: entries(list(layout.MODULES, layout.HEADER.modulesUsed), layout.MODULES.bytes, toModule),
    }
  }

  /** Hooks only pass through from now on. */
  end(): void {
    try {
      writeSync(this.#fd, Buffer.from([1]), 0, 1, layout.HEADER.ended)
    } catch {
      // No room in the file system: the agent goes on writing to memory that nobody reads.
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #list({ at, bytes, most }: typeof layout.SITES, used: number): Buffer {
    const buffer = Buffer.alloc(Math.min(used, most) * bytes)
    return buffer.subarray(0, readSync(this.#fd, buffer, 0, buffer.length, at))
  }
}

function entries<T>(list: Buffer, bytes: number, read: (entry: Buffer, index: number) => T): T[] {
  return Array.from({ length: Math.floor(list.length / bytes) }, (_, i) =>
    read(list.subarray(i * bytes, (i + 1) * bytes), i),
  )
}

function bucketsAt(entry: Buffer, at: number): number[] {
  return Array.from({ length: layout.BUCKETS }, (_, i) => entry.readUInt32LE(at + 4 * i))
}

function toSite(entry: Buffer, index: number): Site {
  const depth = Math.min(entry.readUInt32LE(20), layout.DEPTH)
  return {
    index,
    address: u64(entry, 8),
    kind: entry.readUInt32LE(16),
    frames: Array.from({ length: depth }, (_, i) => u64(entry, 64 + 8 * i)),
    count: u64(entry, 24),
    nanos: u64(entry, 32),
    longest: u64(entry, 40),
    ended: u64(entry, 48),
    buckets: bucketsAt(entry, 320),
  }
}

function toThread(entry: Buffer): Thread {
  return {
    tid: u64(entry, 0),
    born: u64(entry, 8),
    spawnedAt: u64(entry, 16),
    waitSince: u64(entry, 24),
    waitKind: entry.readUInt32LE(32),
    waitSite: entry.readUInt32LE(36),
    spent: Array.from({ length: layout.SPENT_CLASSES }, (_, i) => u64(entry, 40 + 8 * i)),
    aliveAt: u64(entry, 112),
  }
}

function toLoop(entry: Buffer, index: number): Loop {
  return {
    index,
    tid: u64(entry, 0),
    turnSince: u64(entry, 8),
    turns: u64(entry, 16),
    nanos: u64(entry, 24),
    longest: u64(entry, 32),
    over10Ms: u64(entry, 40),
    poll: u64(entry, 48) === 1 ? 'epoll' : 'poll',
    buckets: bucketsAt(entry, 64),
  }
}

function toTurn(entry: Buffer): Snapshot['turns'][number] {
  return { tid: u64(entry, 0), endedAt: u64(entry, 8), nanos: u64(entry, 16) }
}

function toModule(entry: Buffer): Module {
  const path = entry.toString('utf8', 40)
  const end = path.indexOf('\0')
  return {
    start: u64(entry, 0),
    end: u64(entry, 8),
    offset: u64(entry, 16),
    path: end < 0 ? path : path.slice(0, end),
  }
}
