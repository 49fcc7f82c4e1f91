import type { Session } from 'node:inspector'
import { bucket } from './bucket.ts'
import { inspector } from './builtins.ts'
import { now } from './clock.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'
import type { AgentConfig } from './wire.ts'

/** Sampling all of a pool's workers would cost more than it tells: as many are profiled as this, each this much less often. */
const PROFILED = 2
const STRETCH = 8
/** Workers that get the agent: a pool's all, of a program that makes one after the other these many and one a second. */
const BURST = 64
const PER_SECOND = 1
/** Going into a whole pool at once would take the cores from the thread that serves: the next one after this. */
const APART_MS = 10
/** While it starts, a worker has no timers yet, and would crash. How often it is asked whether it has started. */
const ASK_EVERY_MS = 20
const ASK_TIMES = 100
/** The script's name is put there when all of Node is set up. */
const STARTED = 'process.argv.length > 1'
const FINISH = "globalThis[Symbol.for('holdup.agent')]?.finish()"
/** A thread that spins or is blocked runs no microtask: after this it is interrupted. */
const MICROTASK_WITHIN_MS = 100
/** What workers get to take themselves out; one that is stuck in native code can't answer. */
const GOODBYE_MS = 300
/** `[worker 3] query-worker-2`, the title that Node gives a worker's debugger. */
const TITLE = /^\[worker \d+\] ?(.*)$/s
const SOURCE_URL = '\n//# sourceURL=holdup:/agents/node/agent.cjs'

/** Of the inspector's domain NodeWorker. */
interface WorkerEvent {
  sessionId: string
  workerInfo?: { title: string }
  message?: string
}

/** A worker. */
interface Reached {
  title: string
  /** What to do with its answers, by message. */
  waiting: Map<number, (value: unknown) => void>
  profiled: boolean
  /** It was there when the agent came. */
  early: boolean
}

/**
 * Brings the agent into every worker of this process, those made later and by workers too, and out again: through an
 * inspector session inside the process, which reaches a thread that spins or sits in `Atomics.wait` too.
 */
export function reachWorkers(agent: ThreadAgent, source: string): Instrument {
  const session: Session = new (inspector().Session)()
  const sessions = new Map<string, Reached>()
  let messages = 0
  let profiled = 0
  const mayInstall = bucket(BURST, PER_SECOND, now)
  let nextAt = 0
  let left = false
  let early = true

  /** What is awaited needs a microtask, even if it is no promise: a thread that spins or is blocked comes to none. */
  const evaluate = (
    sessionId: string,
    expression: string,
    then: (value: unknown) => void,
    { awaitPromise = false } = {},
  ) => {
    const id = ++messages
    sessions.get(sessionId)?.waiting.set(id, then)
    const params = { expression: expression + SOURCE_URL, returnByValue: true, awaitPromise, silent: true }
    const message = JSON.stringify({ id, method: 'Runtime.evaluate', params })
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, () => {})
  }
  /** Between two callbacks of the worker if it has any, for an interrupt may come in the middle of Node's own code. */
  const runIn = (sessionId: string, expression: string, then: () => void) => {
    let done = false
    const finished = () => {
      if (!done) then()
      done = true
    }
    evaluate(sessionId, `Promise.resolve().then(() => (${expression}\n))`, finished, { awaitPromise: true })
    later(MICROTASK_WITHIN_MS, () => {
      if (!done && !left && sessions.has(sessionId)) evaluate(sessionId, expression, finished)
    })
  }
  const later = (ms: number, callback: () => void) => setTimeout(agent.guard(callback), ms).unref()

  const configFor = (reached: Reached): AgentConfig => {
    const { fifo, pid, cpuProfileMs, noticesSigpipe = false } = agent.config
    reached.profiled = cpuProfileMs !== null && profiled < PROFILED
    if (reached.profiled) profiled++
    const own = cpuProfileMs !== null && reached.profiled ? cpuProfileMs * STRETCH : null
    const { title } = reached
    const workerName = TITLE.exec(title)?.[1] ?? title
    return {
      fifo,
      attached: true,
      cpuProfileMs: own,
      noticesSigpipe,
      ...(pid && { pid }),
      ...(workerName && { workerName }),
      settled: reached.early,
    }
  }
  /** When it may, which for the rest of a large pool is later. */
  const install = (sessionId: string) => {
    const reached = sessions.get(sessionId)
    if (agent.uninstalled || !reached) return
    if (mayInstall()) runIn(sessionId, `(${source})(${JSON.stringify(configFor(reached))})`, () => {})
    else later(1000 / PER_SECOND, () => install(sessionId))
  }
  const installOnceStarted = (sessionId: string, asked = 0) => {
    if (agent.uninstalled || asked > ASK_TIMES || !sessions.has(sessionId)) return
    evaluate(sessionId, STARTED, (started) => {
      if (started === true) install(sessionId)
      else later(ASK_EVERY_MS, () => installOnceStarted(sessionId, asked + 1))
    })
  }
  const leave = () => {
    if (left) return
    left = true
    session.post('NodeWorker.disable')
    session.disconnect()
  }
  const on = (event: string, listener: (params: WorkerEvent) => void) => {
    session.on(
      event as 'inspectorNotification',
      agent.guard(({ params }) => listener(params as WorkerEvent)),
    )
  }

  session.connect()
  on('NodeWorker.attachedToWorker', ({ sessionId, workerInfo }) => {
    sessions.set(sessionId, { title: workerInfo?.title ?? '', waiting: new Map(), profiled: false, early })
    // Of those made later the agent knows.
    if (early) agent.shared.add('liveWorkers', 1)
    const t = now()
    nextAt = Math.max(t, nextAt + APART_MS)
    later(nextAt - t, () => installOnceStarted(sessionId))
  })
  on('NodeWorker.detachedFromWorker', ({ sessionId }) => {
    const reached = sessions.get(sessionId)
    if (reached?.profiled) profiled--
    if (reached?.early) agent.shared.add('liveWorkers', -1)
    sessions.delete(sessionId)
  })
  on('NodeWorker.receivedMessageFromWorker', ({ sessionId, message = '' }) => {
    const { id, result } = JSON.parse(message) as { id?: number; result?: { result?: { value?: unknown } } }
    const waiting = sessions.get(sessionId)?.waiting
    const then = waiting?.get(id ?? 0)
    waiting?.delete(id ?? 0)
    then?.(result?.result?.value)
  })
  session.post('NodeWorker.enable' as 'Runtime.enable', { waitForDebuggerOnStart: false })
  early = false

  return {
    uninstall() {
      const there = new Set(sessions.keys())
      const gone = (sessionId: string) => {
        there.delete(sessionId)
        if (there.size === 0) leave()
      }
      for (const sessionId of there) runIn(sessionId, FINISH, () => gone(sessionId))
      if (there.size === 0) leave()
      else later(GOODBYE_MS, leave)
    },
  }
}
