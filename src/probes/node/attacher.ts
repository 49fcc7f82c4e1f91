import { readFileSync } from 'node:fs'
import { bucket } from '../../agents/node/bucket.ts'
import type { Attached } from '../../agents/node/attached.ts'
import type { AgentConfig } from '../../agents/node/wire.ts'
import { type HoldupError, stripControls } from '../../errors.ts'
import { packageFile } from '../../package-file.ts'
import { shortenMiddle } from '../../recording/shorten.ts'
import type { InjectorEvent } from '../../targets/inject/events.ts'
import { type Expressions, inject, type Injection } from '../../targets/inject/inject.ts'
import { readStat } from '../../targets/proc-listing.ts'
import { type ProcessFacts, processFacts } from '../../targets/process-facts.ts'
import type { Milliseconds } from '../../units.ts'
import type { TargetProcess } from '../probe.ts'
import type { Fifos } from './fifos.ts'
import { isYoung, type KnownProcess, KnownProcesses, runsNode } from './known-processes.ts'
import { whyUnreachable } from './why-unreachable.ts'

const SOURCE = packageFile('dist/agents/node/attach.js')
/** Processes that get the agent: so many at once, of a program that makes one after the other then one a second. */
const BURST = 64
const PER_SECOND = 1
/** Processes of which it is said why they have no agent. */
const NOTED = 20
const DETAIL_CHARACTERS = 200
const FINISH = "(globalThis[Symbol.for('holdup.agent')]?.finish(), 0)"

/** What the attacher tells while it works. */
export interface AttachTalk {
  phase(text: string): void
}

/** Brings the agent into the Node processes of a target that runs already, one after the other, and out again. */
export class Attacher {
  readonly #notes = new Map<number, string>()
  /** Processes without the agent beyond those noted. */
  #others = 0
  readonly #fifos: Fifos
  readonly #cpuProfileMs: Milliseconds | null
  readonly #talk: AttachTalk
  readonly #known = new KnownProcesses()
  readonly #mayInject = bucket(BURST, PER_SECOND, () => performance.now())
  readonly #under = new Set<Injection>()
  #stopped = false
  #turn: Promise<void> = Promise.resolve()

  constructor(fifos: Fifos, cpuProfileMs: Milliseconds | null, talk: AttachTalk) {
    this.#fifos = fifos
    this.#cpuProfileMs = cpuProfileMs
    this.#talk = talk
  }

  /** Why there is no agent, by process. */
  get notes(): string[] {
    const named = [...this.#notes].map(([pid, why]) => `no agent in pid ${pid}: ${why}`)
    return this.#others > 0 ? [...named, `nor in ${this.#others} more processes`] : named
  }

  /** Resolves when each of these that had not been tried before has been. */
  reach(processes: readonly TargetProcess[]): Promise<void> {
    for (const process of this.#known.look(processes)) {
      const { pid, known } = process
      if (known.tried || !runsNode(process)) continue
      const facts = processFacts(pid)
      if (!facts || (!facts.catchesSigusr1 && isYoung(known))) continue
      if (!this.#mayInject()) break
      known.tried = true
      this.#turn = this.#turn.then(() => this.#attach(facts, known))
    }
    return this.#turn
  }

  /** Takes out the agents that can't hear that the recording ends, as one can't whose thread spins. */
  async takeOut(pids: readonly number[]): Promise<void> {
    for (const pid of pids) {
      const facts = processFacts(pid)
      const known = this.#known.get(pid)
      if (facts && known?.inside && whyUnreachable(facts) === null)
        await this.#evaluate(facts, known, { expression: FINISH, expressionIfOrphaned: FINISH })
    }
  }

  /** What is still under way is given up and undone, and no other process is tried. */
  stop(): void {
    this.#stopped = true
    for (const injection of this.#under) injection.abandon()
  }

  async #attach(facts: ProcessFacts, known: KnownProcess): Promise<void> {
    const { pid, start } = facts
    if (this.#stopped || readStat(pid)?.start !== start) return
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
    const noticesSigpipe = !facts.ignoresSigpipe
    const config: AgentConfig = { fifo, cpuProfileMs: this.#cpuProfileMs, attached: true, pid, noticesSigpipe }
    const source = readFileSync(SOURCE, 'utf8')
    const expression = `${source}(${JSON.stringify(config)})`
    await this.#evaluate(facts, known, { expression, expressionIfOrphaned: '0' })
  }

  /** Resolves when the expression has been evaluated and the inspector is closed, or neither will be soon. */
  #evaluate(facts: ProcessFacts, known: KnownProcess, expressions: Expressions): Promise<void> {
    const injection = inject(facts, expressions)
    this.#under.add(injection)
    return new Promise((resolve) => void this.#follow(facts.pid, known, injection, resolve))
  }

  async #follow(pid: number, known: KnownProcess, injection: Injection, settle: () => void): Promise<void> {
    for await (const event of injection.events) {
      this.#heard(pid, known, event)
      if (event.event !== 'evaluated' || !event.opened) settle()
    }
    this.#under.delete(injection)
    settle()
  }

  #heard(pid: number, known: KnownProcess, event: InjectorEvent): void {
    // It is looked at once more, for it may have been about to become another program.
    if (event.event === 'failed' && event.reason === 'changed') known.tried = false
    if (event.event === 'failed') this.#say(pid, `${WHY[event.reason]} (${firstLine(event.detail)})`)
    else if (event.event === 'closed')
      this.#talk.phase(`pid ${pid}: its inspector was open for ${Math.round(event.openMs)} ms and is closed again`)
    else if (event.event === 'still-open')
      this.#talk.phase(`pid ${pid}: its inspector stays open on port ${event.port} until its event loop turns`)
    else if (event.value) this.#attached(pid, known, event.value as Attached)
  }

  #attached(pid: number, known: KnownProcess, { installed }: Attached): void {
    this.#notes.delete(pid)
    if (installed) known.inside = true
    else this.#say(pid, 'another holdup records it')
  }

  #say(pid: number, why: string): void {
    if (this.#notes.size >= NOTED && !this.#notes.has(pid)) {
      this.#others++
      return
    }
    this.#notes.set(pid, why)
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
