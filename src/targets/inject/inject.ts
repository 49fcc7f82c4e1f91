import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { packageFile } from '../../package-file.ts'
import { hasCapability } from '../capabilities.ts'
import type { ProcessFacts } from '../process-facts.ts'
import type { InjectorEvent, Job } from './events.ts'

const INJECTOR = packageFile('dist/targets/inject/injector.js')
const DEFAULT_PORT = 9229
const PORT_OPTION = /--(?:inspect|inspect-brk|inspect-wait|inspect-port|debug-port)(?:=|\s+)(?:[\w.[\]:-]*:)?(\d+)\b/g

/** One expression on its way into a process. */
export interface Injection {
  /** Each thing that happens, until the injector ends. */
  events: AsyncIterable<InjectorEvent>
  /** Holdup wants no more of it: what was opened is closed. */
  abandon(): void
}

export type Expressions = Pick<Job, 'expression' | 'expressionIfOrphaned'>

/** Evaluates an expression in the main thread of a Node process; see injector.ts. */
export function inject({ pid, pids, start, otherNamespaces }: ProcessFacts, expressions: Expressions): Injection {
  const job: Job = { pid, innerPid: pids.at(-1) ?? pid, start, ports: inspectorPorts(pid), ...expressions }
  const [file, ...args] = [...entering(pid, otherNamespaces ?? []), process.execPath, INJECTOR]
  const child = spawn(file, args, {
    // Not holdup's: what kills that by its group must not kill this one.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'] },
  })
  child.unref()
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify(job)}\n`)
  const abandon = () => {
    child.stdin.end()
    // It may see to what opens late for long after holdup.
    if (child.stdout instanceof Socket) child.stdout.unref()
  }
  return { events: eventsOf(child), abandon }
}

/** The network namespace, where the inspector listens, is entered by a command: Node has no call for it. */
function entering(pid: number, others: readonly string[]): string[] {
  if (!others.includes('net')) return []
  const user = others.includes('user') && !hasCapability('CAP_SYS_ADMIN') ? ['--user', '--preserve-credentials'] : []
  return ['nsenter', `--target=${pid}`, '--net', ...user, '--']
}

async function* eventsOf(child: ChildProcess): AsyncGenerator<InjectorEvent> {
  const failed = new Promise<InjectorEvent | null>((resolve) => {
    child.once('error', (error) => resolve({ event: 'failed', reason: 'not-run', detail: error.message }))
    child.once('spawn', () => resolve(null))
  })
  const event = await failed
  if (event) {
    yield event
    return
  }
  if (!child.stdout) return
  let any = false
  for await (const line of createInterface({ input: child.stdout })) {
    any = true
    yield JSON.parse(line) as InjectorEvent
  }
  if (!any) yield { event: 'failed', reason: 'not-run', detail: `its injector ended with exit code ${child.exitCode}` }
}

/** Where it would open its inspector, first, and where it may have one open. */
function inspectorPorts(pid: number): number[] {
  const told = ['cmdline', 'environ'].flatMap((file) => [...readWords(`/proc/${pid}/${file}`).matchAll(PORT_OPTION)])
  return [...new Set([...told.map(([, port]) => Number(port)), DEFAULT_PORT])]
}

function readWords(file: string): string {
  try {
    return readFileSync(file, 'latin1').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
