import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { listeningSockets, socketInodes } from '../../src/targets/listening-sockets.ts'
import type { Milliseconds } from '../../src/units.ts'
import type { StallLog } from './stall-log.ts'

const FIFO = /\/holdup-\w+\/agent$/
/** What V8 calls the thread that its CPU profiler has. */
const PROFILER = 'v8:ProfEvntProc'
const INJECTOR = '/inject/injector.js'

/** What of holdup is in a process, against how it was before: each thing in a word. */
export class Traces {
  readonly #pid: number
  readonly #log: StallLog
  readonly #sockets: ReadonlySet<string>
  readonly #exitListeners: ReadonlyMap<number, number>

  /** The log must have been read, and of each thread hold a state. */
  constructor(pid: number, log: StallLog) {
    this.#pid = pid
    this.#log = log
    this.#sockets = new Set(listeningSockets(pid).keys())
    this.#exitListeners = new Map([...log.states].map(([thread, { exitListeners }]) => [thread, exitListeners]))
  }

  get inspectorOpen(): boolean {
    const fresh = [...listeningSockets(this.#pid).keys()].filter((inode) => !this.#sockets.has(inode))
    return fresh.length > 0 && socketInodes(this.#pid).some((inode) => fresh.includes(inode))
  }

  /** An agent has its end of the pipe open. */
  get agentInside(): boolean {
    return readdirSync(`/proc/${this.#pid}/fd`).some((fd) => FIFO.test(linkOf(`/proc/${this.#pid}/fd/${fd}`)))
  }

  /** What opens the inspector outlives holdup; in this network there is but one. */
  get #injectorRuns(): boolean {
    const network = linkOf(`/proc/${this.#pid}/ns/net`)
    return readdirSync('/proc')
      .filter((pid) => textOf(`/proc/${pid}/cmdline`).includes(INJECTOR))
      .some((pid) => linkOf(`/proc/${pid}/ns/net`) === network)
  }

  /** All that is there, as it was at some time after `since`; a thread that has not spoken since counts as not clean. */
  find(since: Milliseconds): string[] {
    this.#log.read()
    const tasks = readdirSync(`/proc/${this.#pid}/task`)
    const found = [
      this.#injectorRuns && 'injector runs',
      this.inspectorOpen && 'inspector open',
      this.agentInside && 'pipe open',
      tasks.some((tid) => textOf(`/proc/${this.#pid}/task/${tid}/comm`) === PROFILER) && 'CPU profiler runs',
      ...[...this.#log.states.values()].flatMap(({ thread, t, agent, nativeWait, exitListeners }) => [
        t < since && `thread ${thread} silent`,
        agent && `agent in thread ${thread}`,
        !nativeWait && `Atomics.wait wrapped in thread ${thread}`,
        exitListeners !== this.#exitListeners.get(thread) && `exit listener in thread ${thread}`,
      ]),
    ]
    return found.filter((trace) => trace !== false)
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return ''
  }
}
