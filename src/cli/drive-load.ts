import { setTimeout as sleep } from 'node:timers/promises'
import { HoldupError } from '../errors.ts'
import { listeningPorts, waitForListening } from '../load/listening.ts'
import type { DriveOptions, LoadDriver } from '../load/load-driver.ts'
import { runOnPort } from '../load/on-port.ts'
import { waitForUrl } from '../load/wait-for-url.ts'
import type { Sink } from '../recording/sink.ts'
import type { Target } from '../targets/target.ts'
import { PORT } from './values.ts'
import type { Ending } from './ending.ts'
import { formatMs, type Milliseconds } from '../units.ts'
import type { Talk } from './talk.ts'

const READY_MS = 60_000
const LOOK_FOR_PORT_MS = 50

/** What load is driven: its URL may hold `$PORT`, the port that the target listens on. */
export interface Load extends DriveOptions {
  /** That the target was told by its own `$PORT`: taken before any other that it listens on. */
  port?: number
  /** Asked until it answers, in place of the URL of the load. */
  ready?: { url: string; timeoutMs: Milliseconds }
}

/** What a load that is driven step by step goes by. */
export interface DriveContext {
  target: Target
  ending: Ending
  talk: Talk
  sink: Sink
  now: () => Milliseconds
}

/** Drives load once the target answers; a load that can't be had ends the recording as a failure. */
export async function driveLoad(
  load: LoadDriver,
  given: Load,
  target: Target,
  ending: Ending,
  talk: Talk,
): Promise<void> {
  const url = await withPort(given.url, given.port, target, ending)
  if (url === null) return
  const options = { ...given, url }
  const ready = given.ready ?? { url, timeoutMs: READY_MS }
  const asked = ready.url.replaceAll(PORT, new URL(url).port)
  if (!(await untilAnswers(asked, target, ending, ready.timeoutMs))) return
  const { connections, rate } = options
  const what = rate === undefined ? `${connections} connections` : `${rate} requests/s`
  talk.phase(`driving ${what} at ${new URL(url).origin}`)
  try {
    await load.drive(options)
    const { complete } = await load.ended()
    if (complete && options.durationMs !== undefined) ending.reach('load done')
  } catch (error) {
    ending.fail(new HoldupError('load-failed', { url: options.url, reason: (error as Error).message }))
  }
}

/**
 * The URL with the target's port in it, of several the one that it was told; null when the target ends first, or, as a
 * failure, when it does not listen.
 */
export async function withPort(
  url: string,
  expected: number | undefined,
  target: Target,
  ending: Ending,
): Promise<string | null> {
  if (!url.includes(PORT)) return url
  const port = await waitForListening({
    pids: () => target.tree.list().map(({ pid }) => pid),
    timeoutMs: READY_MS,
    alive: () => !ending.over,
    ...(expected !== undefined && { expected }),
  })
  if (port !== undefined) return url.replaceAll(PORT, String(port))
  if (!ending.over) ending.fail(new HoldupError('port-never-opened', { port: expected ?? 0, seconds: READY_MS / 1000 }))
  return null
}

/** True once the target answers; that it never does ends the recording as a failure. */
export async function untilAnswers(
  url: string,
  target: Target,
  ending: Ending,
  timeoutMs: Milliseconds = READY_MS,
): Promise<boolean> {
  const ready = await waitForUrl(url, { timeoutMs, alive: () => !ending.over })
  if (ready === 'timeout') {
    const { port } = new URL(url)
    const listening = listeningPorts(target.tree.list().map(({ pid }) => pid))
    ending.fail(
      new HoldupError('port-never-opened', { port: Number(port || 80), seconds: timeoutMs / 1000, listening }),
    )
  }
  return ready === 'answers' && !ending.over
}

/** Why a recording that ended by itself or by Ctrl-C saw nothing of its load; null where it did. To be asked while the target lives. */
export function whyNoLoad(url: string, load: LoadDriver, target: Target, ms: Milliseconds): HoldupError | null {
  if (load.began) return null
  const listening = listeningPorts(target.tree.list().map(({ pid }) => pid))
  const asked = url.replaceAll(PORT, String(listening[0] ?? PORT))
  return new HoldupError('load-never-began', { url: asked, seconds: formatMs(ms), listening })
}

/** Runs the user's own load command once the target listens, and ends the recording with it. */
export function startOnPort(command: string, target: Target, ending: Ending): { stop(): void } {
  let running: { stop(): void } | null = null
  const start = async () => {
    while (!ending.over) {
      const [port] = listeningPorts(target.tree.list().map(({ pid }) => pid))
      if (port !== undefined) {
        const started = runOnPort(command, port)
        running = started
        await started.ended
        ending.reach('on-port command done')
        return
      }
      await sleep(LOOK_FOR_PORT_MS)
    }
  }
  void start()
  return { stop: () => running?.stop() }
}
