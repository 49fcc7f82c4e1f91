import { portsByProcess } from './listening-sockets.ts'
import { redactCommand } from '../recording/redact.ts'
import { identifyRuntime, type Runtime } from './identify.ts'
import { type Sees, whatItSees } from './what-it-sees.ts'
import { processFacts, type ProcessFacts } from './process-facts.ts'
import { ancestors, othersHidden, type RunningProcess, runningProcesses } from './running-processes.ts'
import { isHoldup, isStarter } from './starter.ts'

/** A process that could be attached to. */
export interface AttachableTarget extends Sees {
  pid: number
  ppid: number
  uid: number
  /** Letter of its state. */
  state: string
  runtime: Runtime
  threads: number
  /** TCP ports that it listens on; none where they may not be seen. */
  ports: number[]
  /** Its redacted command line. */
  command: string
}

/** What can be attached to on this machine. */
export interface Attachable {
  /** Those that listen on a port first, then those with the most threads. */
  targets: AttachableTarget[]
  /** How many others there are, of which this user may see nothing. */
  others: number
  /** There may be more: /proc hides other users' processes (hidepid). */
  othersHidden: boolean
}

/**
 * The processes that are worth attaching to: no kernel threads, shells and other starters, nor holdup and what is above
 * it. One that may not be seen is named only if its runtime is known by its name. Needs `procAvailable()`.
 */
export function attachableTargets(): Attachable {
  const running = runningProcesses()
  const above = new Set(ancestors(process.pid, running))
  const worth = [...running.values()].filter(
    (each) => each.pid !== process.pid && !above.has(each.pid) && !isStarter(each) && !isHoldup(each),
  )
  const ports = portsByProcess(worth.map(({ pid }) => pid))
  const seen = worth.flatMap((each) => {
    const facts = processFacts(each.pid)
    return facts ? [toTarget(each, facts, ports.get(each.pid) ?? [])] : []
  })
  const targets = seen.filter(({ sees, runtime }) => sees !== 'no' || runtime !== 'unknown')
  return { targets: targets.sort(worthiestFirst), others: seen.length - targets.length, othersHidden: othersHidden() }
}

function toTarget({ argv, comm }: RunningProcess, facts: ProcessFacts, ports: number[]): AttachableTarget {
  const { pid, ppid, uid, state, threads } = facts
  const runtime = identifyRuntime(pid, argv[0] ?? comm)
  const command = redactCommand(argv) || comm
  return { pid, ppid, uid, state, runtime, threads, ports, ...whatItSees(facts, runtime), command }
}

function worthiestFirst(a: AttachableTarget, b: AttachableTarget): number {
  return Number(b.ports.length > 0) - Number(a.ports.length > 0) || b.threads - a.threads || a.pid - b.pid
}
