import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../units.ts'
import { INSPECTOR_PORT, type ListeningOptions, openPorts } from './listening.ts'
import { ANSWER_WITHIN_MS, statusOf } from './wait-for-url.ts'

const LOOK_EVERY_MS = 50
/** What does not answer is asked again after this, twice as long each time: it may be busy with something else, or speak no HTTP. */
const ASK_AGAIN_MS = { least: 200, most: 5000 }
/** How long a better port is waited for: beside one that answers; for one of an earlier process or socket; by errors only; or that is not the one told, which does not listen yet. */
const SETTLE_MS = { answers: 200, earlierPort: 1500, errors: 3000, notTheOneTold: 10_000 }
const FIRST_ERROR = 400
/** From here on it may be that it has only begun. */
const FIRST_SERVER_ERROR = 500

/**
 * The port of a target's at which a URL is answered. A helper that it starts (a store, a cache) may listen long before the
 * server does, an inspector or its metrics beside it, and some never answer: all are asked. Of several it is the one that the
 * target was told, else the first without an error, those of its first process before its children's; who has let an attempt
 * pass is waited for no longer. Undefined when the target exits before or the time is over.
 */
export async function findServer(
  urlAt: (port: number) => string,
  { pids, expected, timeoutMs, alive = () => true }: ListeningOptions,
): Promise<number | undefined> {
  const deadline = performance.now() + timeoutMs
  const over = new AbortController()
  const asked = new Map<number, AskedPort>()
  try {
    while (alive() && performance.now() < deadline) {
      const ports = (await openPorts(pids(), expected)).filter((port) => port !== INSPECTOR_PORT)
      for (const port of ports) if (!asked.has(port)) asked.set(port, new AskedPort(urlAt(port), over.signal))
      const found = choose(ports, asked, expected)
      if (found !== undefined) return found
      await sleep(LOOK_EVERY_MS)
    }
    return undefined
  } finally {
    over.abort()
  }
}

/** A port that is asked until it answers. */
class AskedPort {
  /** Of its answer. */
  status: number | null = null
  answeredAt: Milliseconds = Infinity
  /** It let an attempt pass. */
  silent = false
  readonly askedAt = performance.now()

  constructor(url: string, over: AbortSignal) {
    void this.#ask(url, over)
  }

  async #ask(url: string, over: AbortSignal): Promise<void> {
    for (let pauseMs = ASK_AGAIN_MS.least; !over.aborted; pauseMs = Math.min(ASK_AGAIN_MS.most, pauseMs * 2)) {
      const one = new AbortController()
      const end = () => one.abort()
      const timer = setTimeout(end, ANSWER_WITHIN_MS)
      over.addEventListener('abort', end)
      const status = await statusOf(url, one.signal)
      clearTimeout(timer)
      over.removeEventListener('abort', end)
      if (status === null) this.silent = true
      else {
        this.status = status
        this.answeredAt = Math.min(this.answeredAt, performance.now())
        if (status < FIRST_SERVER_ERROR) return
      }
      await sleep(pauseMs, undefined, { ref: false })
    }
  }
}

function choose(
  ports: readonly number[],
  asked: ReadonlyMap<number, AskedPort>,
  expected: number | undefined,
): number | undefined {
  const all = ports.flatMap((port) => {
    const known = asked.get(port)
    return known ? [{ port, known }] : []
  })
  const told = all.find(({ port }) => port === expected)
  if (told && told.known.status !== null) return told.port
  const answering = all.filter(({ known }) => known.status !== null)
  const good = answering.find(({ known }) => (known.status ?? 0) < FIRST_ERROR)
  const best = good ?? answering[0]
  if (!best) return undefined
  // Beside an answer that is none those after it count too.
  const before = good ? all.slice(0, all.indexOf(good)) : all
  const isOpen = ({ known }: (typeof all)[number]) => known.status === null && !known.silent
  const isNew = ({ known }: (typeof all)[number]) => performance.now() - known.askedAt < SETTLE_MS.earlierPort
  if (before.some((port) => isOpen(port) && (!good || isNew(port))) || (told && isOpen(told))) return undefined
  const settle = good ? SETTLE_MS.answers : SETTLE_MS.errors
  const least = expected !== undefined && !told ? SETTLE_MS.notTheOneTold : settle
  return performance.now() - best.known.answeredAt >= least ? best.port : undefined
}
