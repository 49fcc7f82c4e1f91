/**
 * Opens the inspector of a Node process by SIGUSR1, evaluates one expression, and sees it closed again. In a process of its
 * own, so that holdup's death between the two leaves no inspector open, and so that it can run in the target's network
 * namespace. What holds stdin open is holdup.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { isZombie } from '../../probes/proc/stat.ts'
import type { Milliseconds } from '../../units.ts'
import { listeningSockets, socketInodes } from '../listening-sockets.ts'
import { readStat } from '../proc-listing.ts'
import { isStopped, processFacts } from '../process-facts.ts'
import type { InjectFailure, InjectorEvent, Job } from './events.ts'
import { debuggerUrl, InspectorSession } from './inspector-session.ts'
import { holdName, takeTurn } from './turn.ts'

const LOOK_EVERY_MS = 5
/** Measured: 70 to 100 ms, under load several times that. */
const OPENS_WITHIN_MS = 3000
/** One whose main thread is in a long synchronous call opens it only afterwards: it must not stay open then. */
const LOOK_LATE_EVERY_MS = 1000
/** Of the time, where looking takes long: a fiftieth. */
const LOOK_LATE_SHARE = 50
const PORT_FREE_WITHIN_MS = 3000
/** Whatever happens, unless it is on the watch for what opens late: others wait for its turn. */
const AT_MOST_MS = 150_000
const ANSWERS_WITHIN_MS = 3000
const MICROTASK_WITHIN_MS = 300
const CLOSES_WITHIN_MS = 2000

/** `pid function version`; nothing where the program has taken `process` away. */
const ABOUT =
  "typeof process === 'object' && process ? [process.pid, typeof process.getBuiltinModule, process.version].join(' ') : ''"
/** Past the answer to the evaluation, so that the connection is gone: closing waits for it. */
const CLOSE = "setTimeout(() => given('node:inspector').close(), 20).unref(), 0"
/** Tells our frames from the target's, as those of the preloaded agent are by their file. */
const SOURCE_URL = '\n//# sourceURL=holdup:/agents/node/agent.cjs'

class Failure extends Error {
  readonly reason: InjectFailure

  constructor(reason: InjectFailure, detail: string) {
    super(detail)
    this.reason = reason
  }
}

let orphaned = false
const lines = createInterface({ input: process.stdin }).on('close', () => (orphaned = true))
const [line] = (await once(lines, 'line')) as [string]
const job = JSON.parse(line) as Job
process.stdout.on('error', () => (orphaned = true))
/** Nothing is open: it may be ended. */
let idle = false
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM', 'SIGQUIT'] as const)
  process.on(signal, () => {
    if (idle) process.exit()
  })

const atMost = setTimeout(() => process.exit(), AT_MOST_MS)
try {
  await inject()
} catch (error) {
  if (error instanceof Failure) tell({ event: 'failed', reason: error.reason, detail: error.message })
  else tell({ event: 'failed', reason: 'threw', detail: (error as Error).message })
}
process.exit()

async function inject(): Promise<void> {
  // First, for what is open already may be another holdup's, about to close.
  const turn = await takeTurn()
  try {
    if (!alive()) throw new Failure('gone', 'it exited')
    const open = await openAlready()
    if (open) {
      await evaluate(open.url, false, () => turn.release())
      return
    }
    const before = new Set(listeningSockets(job.pid).keys())
    await portFree()
    if (orphaned) return
    mustStillCatchIt()
    try {
      process.kill(job.pid, 'SIGUSR1')
    } catch (error) {
      throw new Failure('gone', (error as Error).message)
    }
    let inspector = await newInspector(before, OPENS_WITHIN_MS)
    if (!inspector) {
      tell({ event: 'failed', reason: 'no-inspector', detail: `none opened within ${OPENS_WITHIN_MS / 1000} s` })
      turn.release()
      inspector = await lateInspector(before)
      if (!inspector) return
    }
    const openedAt = performance.now()
    const { inode, port, url } = inspector
    await evaluate(url, true, () => {
      turn.release()
      clearTimeout(atMost)
    })
    const closed = await within(CLOSES_WITHIN_MS, () => !listeningSockets(job.pid).has(inode))
    tell(closed ? { event: 'closed', openMs: performance.now() - openedAt } : { event: 'still-open', port })
  } finally {
    turn.release()
  }
}

/** `late` is called when it takes long: a main thread in a call of the system answers only after that. */
async function evaluate(url: string, opened: boolean, late: () => void): Promise<void> {
  const session = await InspectorSession.connect(url)
  const slow = setTimeout(() => {
    tell({ event: 'failed', reason: 'no-answer', detail: `none within ${ANSWERS_WITHIN_MS / 1000} s` })
    late()
  }, ANSWERS_WITHIN_MS)
  try {
    const [pid = '', loads, version] = String(await session.evaluate(ABOUT)).split(' ')
    if (pid !== '' && Number(pid) !== job.innerPid) throw new Failure('not-it', 'it answers as another process')
    const old = loads !== 'function'
    try {
      if (old) throw new Failure('no-modules', version ? `Node ${version}; 20.16 and 22.3 have it` : 'nor any process')
      const expression = orphaned ? job.expressionIfOrphaned : job.expression
      tell({ event: 'evaluated', value: await evaluateBetweenCallbacks(session, expression), opened })
      clearTimeout(slow)
    } finally {
      // Only past the answer, however long it took: closing ends the connection.
      const given = old ? 'require' : 'process.getBuiltinModule'
      if (opened) await evaluateBetweenCallbacks(session, CLOSE, { given, atConsole: old }).catch(() => {})
    }
  } finally {
    clearTimeout(slow)
    session.disconnect()
  }
}

/**
 * In a microtask, when no other JavaScript is under way in the thread: an interrupt may come in the middle of Node's own
 * timers or loader. One that spins or is blocked has no microtasks; there the interrupt is the only way. The expression may
 * use `given`, which is evaluated at once, `atConsole` with what a debugger's console has, `require` even in an old Node.
 */
async function evaluateBetweenCallbacks(
  session: InspectorSession,
  expression: string,
  { given = 'null', atConsole = false } = {},
): Promise<unknown> {
  const body = `(given) => (${expression}\n)`
  const inMicrotask = session.evaluate(`Promise.resolve(${given}).then(${body})${SOURCE_URL}`, {
    awaitPromise: true,
    atConsole,
  })
  const first = await Promise.race([inMicrotask, sleep(MICROTASK_WITHIN_MS, sleep)])
  return first === sleep ? session.evaluate(`(${body})(${given})${SOURCE_URL}`, { atConsole }) : first
}

/** The inspector that was open before we came. */
async function openAlready(): Promise<{ url: string } | null> {
  for (const { port } of own(listeningSockets(job.pid))) {
    const url = job.ports.includes(port) || job.ports.includes(0) ? await debuggerUrl(port) : null
    if (url !== null) return { url }
  }
  return null
}

/** Two at once would open on the same port, and the second not at all. */
async function portFree(): Promise<void> {
  const [wanted] = job.ports
  const taken = () => [...listeningSockets(job.pid).values()].some(({ port }) => port === wanted)
  if (!(await within(PORT_FREE_WITHIN_MS, () => !taken())))
    throw new Failure('port-taken', `another program listens on port ${wanted}`)
}

/** The target may open other ports meanwhile: these are put to those that were there before. */
async function newInspector(before: Set<string>, ms: Milliseconds): Promise<(OwnSocket & { url: string }) | undefined> {
  let found: (OwnSocket & { url: string }) | undefined
  await within(ms, async () => {
    if (!alive()) throw new Failure('gone', 'it exited')
    const fresh = own(new Map([...listeningSockets(job.pid)].filter(([inode]) => !before.has(inode))))
    const isExpected = ({ port }: OwnSocket) => port === job.ports[0]
    for (const socket of [...fresh.filter(isExpected), ...fresh.filter((other) => !isExpected(other))]) {
      const url = await debuggerUrl(socket.port)
      if (url !== null) {
        found = { ...socket, url }
        return true
      }
      if (!isExpected(socket)) before.add(socket.inode)
    }
    return false
  })
  return found
}

/** As long as the process lives. When holdup has gone one that looks is enough. */
async function lateInspector(before: Set<string>): ReturnType<typeof newInspector> {
  clearTimeout(atMost)
  let only
  for (;;) {
    const from = performance.now()
    const found = await newInspector(before, 0)
    idle = orphaned && !found
    if (found) return found
    if (orphaned) only ??= await holdName(`\0holdup-late-${job.pid}-${job.start}`)
    if (orphaned && !only) return undefined
    await sleep(Math.max(LOOK_LATE_EVERY_MS, LOOK_LATE_SHARE * (performance.now() - from)))
  }
}

interface OwnSocket {
  port: number
  inode: string
}

/** Those of the target; what it holds is only looked at where there are any, for that takes longer. */
function own(sockets: ReadonlyMap<string, { port: number }>): OwnSocket[] {
  if (sockets.size === 0) return []
  return socketInodes(job.pid).flatMap((inode) => {
    const socket = sockets.get(inode)
    return socket ? [{ port: socket.port, inode }] : []
  })
}

async function within(ms: Milliseconds, holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) return false
    // The longer it has taken, the longer it may take.
    await sleep(Math.max(LOOK_EVERY_MS, (performance.now() + ms - end) / 20))
  }
  return true
}

/** What holdup knew of it is as old as the wait for this turn; it would die of SIGUSR1, or open its inspector when nobody looks. */
function mustStillCatchIt(): void {
  const facts = processFacts(job.pid)
  if (facts?.start !== job.start) throw new Failure('gone', 'it exited')
  if (!facts.catchesSigusr1) throw new Failure('changed', 'it no longer catches SIGUSR1')
  if (isStopped(facts)) throw new Failure('changed', 'it is stopped')
}

function alive(): boolean {
  const stat = readStat(job.pid)
  return stat?.start === job.start && !isZombie(stat)
}

function tell(event: InjectorEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}
