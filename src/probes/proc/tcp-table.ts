import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** `st` of /proc/net/tcp, by the kernel's net/tcp_states.h. */
const ESTABLISHED = '01'
const LISTEN = '0A'
const CHUNK_BYTES = 16384
/** A socket and the headline: on its way to more the kernel walks through its buckets, megabytes of them where they are empty. */
const LISTENERS_BYTES = 300
/** Of a longer table the rest is left out: some 7,000 connections, or such as are closed and not yet forgotten. */
const BYTES_AT_MOST = 1 << 20
const MAPPED_IPV4 = '0000000000000000FFFF0000'

/** Of a process' network namespace, and where the kernel says how many sockets each has. */
const TABLES = [
  { name: 'tcp', counts: 'sockstat', inUse: /^TCP: inuse (\d+)/m },
  { name: 'tcp6', counts: 'sockstat6', inUse: /^TCP6: inuse (\d+)/m },
]

/** A socket that listens. */
export interface Listener {
  inode: string
  port: number
  /** Of the user that opened it. */
  uid: number
  /** Connections that are made and wait to be accepted. */
  waiting: number
}

/** A connection that is open. */
export interface Connection {
  inode: string
  port: number
  /** Address and port of the other end as the table has them. */
  peer: string
  /** Bytes that were written and are not acknowledged. */
  unacked: number
}

/**
 * The tables of a process' network namespace that have a socket in them: to find nothing in one the kernel walks through all
 * its buckets, for milliseconds.
 */
export function tcpTables(pid: number | 'self'): string[] {
  return TABLES.flatMap(({ name, counts, inUse }) =>
    inUse.exec(readText(`/proc/${pid}/net/${counts}`))?.[1] === '0' ? [] : [`/proc/${pid}/net/${name}`],
  )
}

/**
 * The sockets that listen, of /proc/PID/net/tcp or tcp6. The kernel shows them before all others, so that no more is read where
 * thousands of connections follow. Empty where there is no such file.
 */
export function readListeners(path: string): Listener[] {
  const listeners: Listener[] = []
  for (const line of linesOf(path, LISTENERS_BYTES)) {
    const listener = parseListener(line)
    if (!listener) break
    listeners.push(listener)
  }
  return listeners
}

/** Those and the connections that are open, in one go: for each the kernel walks through all its buckets, full or not. */
export function readTable(path: string): { listeners: Listener[]; connections: Connection[] } {
  const listeners: Listener[] = []
  const connections: Connection[] = []
  let isListeners = true
  for (const line of linesOf(path, CHUNK_BYTES)) {
    const listener = isListeners ? parseListener(line) : null
    if (listener) {
      listeners.push(listener)
      continue
    }
    isListeners = false
    // Most of a long table are connections that are closed already.
    const connection = line.includes(` ${ESTABLISHED} `) ? parseConnection(line) : null
    if (connection) connections.push(connection)
  }
  return { listeners, connections }
}

/** A line of the table; null for a socket that does not listen. */
export function parseListener(line: string): Listener | null {
  const { inode, port, uid, state, received } = parse(line)
  // Of a socket that listens, what it has received is the length of its queue.
  return state === LISTEN ? { inode, port, uid, waiting: Number.parseInt(received, 16) } : null
}

/** A line of the table; null for a socket that is no open connection. */
export function parseConnection(line: string): Connection | null {
  const { inode, port, state, peer, sent } = parse(line)
  return state === ESTABLISHED ? { inode, port, peer, unacked: Number.parseInt(sent, 16) } : null
}

/** `127.0.0.1:5432`, of an address as the table has it: words of 32 bits in the order of this machine's bytes. */
export function readAddress(peer: string): string {
  const [hex = '', port = ''] = peer.split(':')
  const bytes = [...(hex.startsWith(MAPPED_IPV4) ? hex.slice(MAPPED_IPV4.length) : hex).matchAll(/(..)(..)(..)(..)/g)]
    .flatMap(([, ...word]) => word.toReversed())
    .map((byte) => Number.parseInt(byte, 16))
  const groups = bytes.flatMap((byte, i) => (i % 2 === 0 ? ((byte << 8) | (bytes[i + 1] ?? 0)).toString(16) : []))
  const host = bytes.length === 4 ? bytes.join('.') : `[${groups.join(':')}]`
  return `${host}:${Number.parseInt(port, 16)}`
}

function parse(line: string): {
  inode: string
  port: number
  uid: number
  peer: string
  state: string
  sent: string
  received: string
} {
  const [, local = '', peer = '', state = '', queues = '', , , uid = '', , inode = ''] = line.trim().split(/\s+/)
  const port = Number.parseInt(local.split(':')[1] ?? '', 16)
  const [sent = '', received = ''] = queues.split(':')
  return { inode, port, uid: Number(uid), peer, state, sent, received }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // Of IPv6 there is none where that is off.
    return ''
  }
}

/** All but the headline. */
function* linesOf(path: string, chunkBytes: number): Generator<string> {
  let fd: number | null = null
  try {
    fd = openSync(path, 'r')
    const buffer = Buffer.allocUnsafe(chunkBytes)
    let rest = ''
    let isHeadline = true
    for (let at = 0, n = 1; n > 0 && at < BYTES_AT_MOST; at += n) {
      n = readSync(fd, buffer, 0, chunkBytes, at)
      const lines = (rest + buffer.toString('latin1', 0, n)).split('\n')
      rest = lines.pop() ?? ''
      yield* isHeadline ? lines.slice(1) : lines
      isHeadline = false
    }
  } catch {
    // No such table: IPv6 is off, or the process is gone.
  } finally {
    if (fd !== null) closeSync(fd)
  }
}
