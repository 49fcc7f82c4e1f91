import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { procAvailable } from '../probes/proc/available.ts'
import type { WaitOptions } from './wait-for-url.ts'

const LOOK_EVERY_MS = 50
/**
 * How long another port is waited for after the first: a server may listen on two within a moment, and a helper that it
 * starts (a store, a cache) long before it.
 */
const SETTLE_MS = { expected: 10_000, any: 200 }
/** `st` of a listening socket in /proc/net/tcp (TCP_LISTEN of the kernel's net/tcp_states.h). */
const LISTEN = '0A'
/** Node's inspector: listens before the server does, and is no server. */
const INSPECTOR_PORT = 9229
const SOCKET_LINK = /^socket:\[(\d+)\]$/

export interface ListeningOptions extends WaitOptions {
  /** The target's processes now, its root first. */
  pids: () => readonly number[]
  /** The port that the target was told (its `PORT`): taken before any other, and without /proc the only one tried. */
  expected?: number
}

/** The first port that the target listens on, undefined when it exits before or the time is over. */
export async function waitForListening(options: ListeningOptions): Promise<number | undefined> {
  const { pids, expected, timeoutMs, alive = () => true } = options
  const deadline = performance.now() + timeoutMs
  const settleMs = expected === undefined ? SETTLE_MS.any : SETTLE_MS.expected
  let seenAt = Infinity
  while (alive() && performance.now() < deadline) {
    const ports = await openPorts(pids(), expected)
    if (expected !== undefined && ports.includes(expected)) return expected
    const server = ports.find((port) => port !== INSPECTOR_PORT)
    if (server !== undefined) seenAt = Math.min(seenAt, performance.now())
    if (performance.now() - seenAt >= settleMs) return server
    await sleep(LOOK_EVERY_MS)
  }
  return undefined
}

async function openPorts(pids: readonly number[], expected: number | undefined): Promise<number[]> {
  if (procAvailable()) return listeningPorts(pids)
  return expected !== undefined && (await accepts(expected)) ? [expected] : []
}

/**
 * TCP ports that these processes listen on, those of the first process first (Linux: /proc). Processes that cannot be
 * read are left out.
 */
export function listeningPorts(pids: readonly number[]): number[] {
  const byNamespace = new Map<string, Map<string, number>>()
  const ports = pids.flatMap((pid) => {
    try {
      const namespace = readlinkSync(`/proc/${pid}/ns/net`)
      const listeners = byNamespace.get(namespace) ?? listenersByInode(pid)
      byNamespace.set(namespace, listeners)
      return listeners.size === 0 ? [] : socketInodes(pid).flatMap((inode) => listeners.get(inode) ?? [])
    } catch {
      return []
    }
  })
  return [...new Set(ports)]
}

/** Of the network namespace that the process is in: inode of the socket → port. */
function listenersByInode(pid: number): Map<string, number> {
  const listeners = new Map<string, number>()
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readLines(`/proc/${pid}/net/${table}`).slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (state === LISTEN && local && inode) listeners.set(inode, Number.parseInt(local.split(':')[1] ?? '', 16))
    }
  }
  return listeners
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    // No tcp6 where IPv6 is off.
    return []
  }
}

function socketInodes(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return SOCKET_LINK.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      return []
    }
  })
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost' })
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
