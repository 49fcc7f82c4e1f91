import { readlinkSync } from 'node:fs'
import { HoldupError } from '../errors.ts'
import { listeningSockets, portsByProcess } from './listening-sockets.ts'
import { meantProcesses } from './meant-processes.ts'
import { onlyOne } from './only-one.ts'
import { type RunningProcess, runningProcesses } from './running-processes.ts'
import { isStarter } from './starter.ts'

/**
 * The pid of the process that listens on a TCP port: in holdup's own network namespace, or where nobody does there, in
 * another of which holdup may see the processes. Needs `procAvailable()`.
 * Throws HoldupError `nobody-listens` or `target-ambiguous`.
 */
export function findByPort(port: number): number {
  const running = runningProcesses()
  const ports = portsByProcess(running.keys())
  const listeners = (port: number) => [...running.values()].filter(({ pid }) => ports.get(pid)?.includes(port))
  const here = listeners(port).filter(({ pid }) => sharesNetwork(pid))
  const forwarded = containerPort(here)
  const owners = here.some((owner) => !isStarter(owner)) ? here : listeners(forwarded ?? port)
  const meant = meantProcesses(owners, running).filter((owner) => forwardedPort(owner) === undefined)
  if (meant.length > 0) return onlyOne(meant, { option: '--port', value: String(port) })
  throw new HoldupError('nobody-listens', { port, ...whyNobody(port, forwarded) })
}

function whyNobody(port: number, forwarded: number | undefined): { reason?: string; instead?: string } {
  const root = process.geteuid?.() === 0
  if (forwarded !== undefined)
    return {
      reason: `docker-proxy passes it on to port ${forwarded} of a container whose processes holdup may not see`,
      instead: root ? 'docker ps' : `sudo holdup attach --port ${port}`,
    }
  const socket = [...listeningSockets('self').values()].find((each) => each.port === port)
  if (!socket) return {}
  return root
    ? {
        reason: `the socket of uid ${socket.uid} belongs to the kernel or to a process outside of what holdup sees`,
        instead: `ss -ltnp 'sport = :${port}'`,
      }
    : {
        reason: `a socket of uid ${socket.uid} listens there, and only root and that user may see whose it is`,
        instead: `sudo holdup attach --port ${port}`,
      }
}

function sharesNetwork(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')
  } catch {
    return false
  }
}

function containerPort(owners: readonly RunningProcess[]): number | undefined {
  return owners.map(forwardedPort).find((port) => port !== undefined)
}

/** Where Docker's proxy, which listens in the container's stead, passes connections on to. */
function forwardedPort({ argv }: RunningProcess): number | undefined {
  if (!argv[0]?.endsWith('docker-proxy')) return undefined
  const at = argv.indexOf('-container-port')
  return at < 0 ? undefined : Number(argv[at + 1])
}
