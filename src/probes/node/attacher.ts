import { readFileSync } from 'node:fs'
import type { Attached } from '../../agents/node/attached.ts'
import type { AgentConfig } from '../../agents/node/wire.ts'
import { type HoldupError, stripControls } from '../../errors.ts'
import { packageFile } from '../../package-file.ts'
import { shortenMiddle } from '../../recording/shorten.ts'
import { identifyRuntime } from '../../targets/identify.ts'
import type { InjectorEvent } from '../../targets/inject/events.ts'
import { inject, type Injection } from '../../targets/inject/inject.ts'
import { readStat } from '../../targets/proc-listing.ts'
import { type ProcessFacts, processFacts } from '../../targets/process-facts.ts'
import type { Milliseconds } from '../../units.ts'
import type { TargetProcess } from '../probe.ts'
import type { Fifos } from './fifos.ts'
import { whyUnreachable } from './why-unreachable.ts'

const SOURCE = packageFile('dist/agents/node/attach.js')
/** Node catches SIGUSR1 some 20 ms after its start, on a busy machine several times that. */
const CATCHES_WITHIN_MS = 2000
const DETAIL_CHARACTERS = 200
const FINISH = "(globalThis[Symbol.for('holdup.agent')]?.finish(), 0)"

/** What the attacher tells while it works. */
export interface AttachTalk {
  phase(text: string): void
}

/** Brings the agent into the Node processes of a target that runs already, one after the other, and out again. */
export class Attacher {
  /** Why there is no agent, by process. */
  readonly notes = new Map<number, string>()
  readonly #fifos: Fifos
  readonly #cpuProfileMs: Milliseconds | null
  readonly #talk: AttachTalk
  /** Starts of the processes that were tried, by pid: together they name a process for good. */
  readonly #tried = new Map<number, number>()
  /** The same of those that have the agent. */
  readonly #inside = new Map<number, number>()
  readonly #under = new Set<Injection>()
  /** When processes were first seen that came after the attach. */
  readonly #bornAt = new Map<number, number>()
  #begun = false
  #stopped = false
  #turn: Promise<void> = Promise.resolve()

  constructor(fifos: Fifos, cpuProfileMs: Milliseconds | null, talk: AttachTalk) {
    this.#fifos = fifos
    this.#cpuProfileMs = cpuProfileMs
    this.#talk = talk
  }

  /** Resolves when each of these that had not been tried before has been. */
  reach(processes: readonly TargetProcess[]): Promise<void> {
    for (const { pid, command } of processes) {
      if (this.#wasTried(pid) || identifyRuntime(pid, command) !== 'node') continue
      const facts = processFacts(pid)
      if (!facts || (!facts.catchesSigusr1 && this.#isYoung(pid))) continue
      this.#tried.set(pid, facts.start)
      this.#turn = this.#turn.then(() => this.#attach(facts))
    }
    this.#begun = true
    return this.#turn
  }

  /** Takes out the agents that can't hear that the recording ends, as one can't whose thread spins. */
  async takeOut(pids: readonly number[]): Promise<void> {
    for (const pid of pids) {
      const facts = processFacts(pid)
      const reachable = facts && facts.start === this.#inside.get(pid) && whyUnreachable(facts) === null
      if (reachable) await this.#evaluate(facts, FINISH, FINISH)
    }
  }

  /** What is still under way is given up and undone, and no other process is tried. */
  stop(): void {
    this.#stopped = true
    for (const injection of this.#under) injection.abandon()
  }

  #wasTried(pid: number): boolean {
    const start = this.#tried.get(pid)
    return start !== undefined && start === readStat(pid)?.start
  }

  #isYoung(pid: number): boolean {
    if (!this.#begun) return false
    const now = performance.now()
    const bornAt = this.#bornAt.get(pid) ?? now
    this.#bornAt.set(pid, bornAt)
    return now - bornAt < CATCHES_WITHIN_MS
  }

  async #attach(facts: ProcessFacts): Promise<void> {
    if (this.#stopped) return
    const { pid } = facts
    const why = whyUnreachable(facts)
    if (why !== null) {
      this.#say(pid, why)
      return
    }
    let fifo
    try {
      fifo = this.#fifos.pathFor(facts)
    } catch (error) {
      this.#say(pid, `no pipe that it can write to can be made (${(error as HoldupError).why})`)
      return
    }
    const config: AgentConfig = { fifo, cpuProfileMs: this.#cpuProfileMs, attached: true, pid }
    const source = readFileSync(SOURCE, 'utf8')
    await this.#evaluate(facts, `${source}(${JSON.stringify(config)})`, '0')
  }

  /** Resolves when the expression has been evaluated and the inspector is closed, or neither will be soon. */
  #evaluate(facts: ProcessFacts, expression: string, expressionIfOrphaned: string): Promise<void> {
    const injection = inject(facts, { expression, expressionIfOrphaned })
    this.#under.add(injection)
    return new Promise((resolve) => void this.#follow(facts, injection, resolve))
  }

  async #follow(facts: ProcessFacts, injection: Injection, settle: () => void): Promise<void> {
    for await (const event of injection.events) {
      this.#heard(facts, event)
      if (event.event !== 'evaluated' || !event.opened) settle()
    }
    this.#under.delete(injection)
    settle()
  }

  #heard({ pid, start }: ProcessFacts, event: InjectorEvent): void {
    // It is looked at once more, for it may have been about to become another program.
    if (event.event === 'failed' && event.reason === 'changed') this.#tried.delete(pid)
    if (event.event === 'failed') this.#say(pid, `${WHY[event.reason]} (${firstLine(event.detail)})`)
    else if (event.event === 'closed')
      this.#talk.phase(`pid ${pid}: its inspector was open for ${Math.round(event.openMs)} ms and is closed again`)
    else if (event.event === 'still-open')
      this.#talk.phase(`pid ${pid}: its inspector stays open on port ${event.port} until its event loop turns`)
    else if (event.value) this.#attached(pid, start, event.value as Attached)
  }

  #attached(pid: number, start: number, { installed }: Attached): void {
    this.notes.delete(pid)
    if (installed) this.#inside.set(pid, start)
    else this.#say(pid, 'another holdup records it')
  }

  #say(pid: number, why: string): void {
    this.notes.set(pid, why)
    this.#talk.phase(`pid ${pid}: no agent, only what the system shows: ${why}`)
  }
}

const WHY = {
  'port-taken': 'its inspector cannot open',
  'no-inspector': 'it opens no inspector at SIGUSR1, as with a handler of its own or a main thread that is stuck',
  'not-it': 'the inspector on its port is another process’',
  'no-modules': 'it has no process.getBuiltinModule',
  changed: 'it has changed since it was looked at',
  gone: 'it cannot be signalled',
  'no-answer': 'its main thread does not answer, as one in a long call of the system',
  threw: 'the agent could not start in it',
  'not-run': 'holdup could not run its injector',
} as const

/** What the target threw is its own text. */
function firstLine(text: string): string {
  return shortenMiddle(stripControls(text.split('\n', 1)[0] ?? ''), DETAIL_CHARACTERS)
}
