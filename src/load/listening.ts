import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { procAvailable } from '../probes/proc/available.ts'
import { portsByProcess } from '../targets/listening-sockets.ts'
import type { WaitOptions } from './wait-for-url.ts'

const LOOK_EVERY_MS = 50
/** How long another port is waited for after the first: a server may listen on two within a moment, and after a helper that it starts. */
const SETTLE_MS = { expected: 2000, any: 200 }
/** Node's inspector: listens before the server does, and is no server. */
export const INSPECTOR_PORT = 9229

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

/** The TCP ports that these processes listen on; without /proc the one expected, where it accepts. */
export async function openPorts(pids: readonly number[], expected: number | undefined): Promise<number[]> {
  if (procAvailable()) return listeningPorts(pids)
  return expected !== undefined && (await accepts(expected)) ? [expected] : []
}

/**
 * TCP ports that these processes listen on, those of the first process first (Linux: /proc). Processes that cannot be
 * read are left out.
 */
export function listeningPorts(pids: readonly number[]): number[] {
  return [...new Set([...portsByProcess(pids).values()].flat())]
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost' })
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
