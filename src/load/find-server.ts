import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../units.ts'
import { INSPECTOR_PORT, type ListeningOptions, openPorts } from './listening.ts'
import { ANSWER_WITHIN_MS, statusOf } from './wait-for-url.ts'

const LOOK_EVERY_MS = 50
const ASK_AGAIN_MS = 200
/** How long a better port is waited for: beside one that answers; by errors only, or that is not the one told. */
const SETTLE_MS = 200
const SETTLE_DOUBTFUL_MS = 3000
const FIRST_ERROR = 400

/**
 * The port of a target's at which a URL is answered. A helper that it starts (a store, a cache) may listen long before the
 * server does, an inspector or its metrics beside it, and some never answer: all are asked, and nobody waits for those. Of
 * several the one that the target was told, else the first without an error, its first process's before its children's.
 * Undefined when the target exits before or the time is over.
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

  constructor(url: string, over: AbortSignal) {
    void this.#ask(url, over)
  }

  async #ask(url: string, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const one = new AbortController()
      const end = () => one.abort()
      const timer = setTimeout(end, ANSWER_WITHIN_MS)
      over.addEventListener('abort', end)
      this.status = await statusOf(url, one.signal)
      clearTimeout(timer)
      over.removeEventListener('abort', end)
      if (this.status !== null) {
        this.answeredAt = performance.now()
        return
      }
      this.silent = true
      await sleep(ASK_AGAIN_MS)
    }
  }
}

function choose(
  ports: readonly number[],
  asked: ReadonlyMap<number, AskedPort>,
  expected: number | undefined,
): number | undefined {
  const answering = ports.flatMap((port) => {
    const { status, answeredAt } = asked.get(port) ?? {}
    return typeof status === 'number' ? [{ port, status, ms: performance.now() - (answeredAt ?? 0) }] : []
  })
  if (answering.some(({ port }) => port === expected)) return expected
  const good = answering.find(({ status }) => status < FIRST_ERROR)
  const [first] = answering
  const best = good ?? first
  if (!best) return undefined
  const isDoubtful = !good || expected !== undefined
  const others = ports.filter((port) => port !== best.port).map((port) => asked.get(port))
  const isLast = good !== undefined || others.every((other) => !other || other.silent || other.status !== null)
  return isLast && best.ms >= (isDoubtful ? SETTLE_DOUBTFUL_MS : SETTLE_MS) ? best.port : undefined
}
