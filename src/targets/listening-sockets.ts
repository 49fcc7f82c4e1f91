import { readdirSync, readlinkSync } from 'node:fs'
import { readListeners, tcpTables } from '../probes/proc/tcp-table.ts'

const SOCKET_LINK = /^socket:\[(\d+)\]$/

/** A TCP socket that listens, over IPv4 or IPv6. */
export interface ListeningSocket {
  port: number
  /** Of the user that opened it. */
  uid: number
}

/** The sockets that listen in the network namespace of a process, by inode; anyone may read them. */
export function listeningSockets(pid: number | 'self'): Map<string, ListeningSocket> {
  const listeners = tcpTables(pid).flatMap(readListeners)
  return new Map(listeners.map(({ inode, port, uid }) => [inode, { port, uid }]))
}

/**
 * The ports that each process listens on, without doubles, in the order of its file descriptors. One whose descriptors
 * may not be seen has none here.
 */
export function portsByProcess(pids: Iterable<number>): Map<number, number[]> {
  const byNamespace = new Map<string, Map<string, ListeningSocket>>()
  const ports = new Map<number, number[]>()
  for (const pid of pids) {
    try {
      const namespace = readlinkSync(`/proc/${pid}/ns/net`)
      const sockets = byNamespace.get(namespace) ?? listeningSockets(pid)
      byNamespace.set(namespace, sockets)
      const inodes = sockets.size === 0 ? [] : socketInodes(pid)
      ports.set(pid, [...new Set(inodes.flatMap((inode) => sockets.get(inode)?.port ?? []))])
    } catch {
      ports.set(pid, [])
    }
  }
  return ports
}

/** Inodes of the sockets that a process holds; throws where they may not be seen. */
export function socketInodes(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return SOCKET_LINK.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      return []
    }
  })
}
