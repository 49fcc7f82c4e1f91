import { HoldupError } from '../errors.ts'
import { findServer } from '../load/find-server.ts'
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

/** What load is driven: its URL may hold `$PORT`, the port that the target listens on. */
export interface Load extends DriveOptions {
  /** Asked until it answers, in place of the URL of the load. */
  ready?: { url: string; timeoutMs: Milliseconds }
}

/** What load is driven at, and goes by. */
export interface DriveContext {
  target: Target
  /** The port that the target was told by its own `$PORT`: taken before any other that it listens on. */
  told: number | undefined
  ending: Ending
  talk: Talk
  sink: Sink
  now: () => Milliseconds
}

/** Drives load once the target answers; a load that can't be had ends the recording as a failure. */
export async function driveLoad(
  load: LoadDriver,
  given: Load,
  { target, told, ending, talk }: DriveContext,
): Promise<void> {
  const { ready } = given
  // What is asked until it is ready is asked nothing else before.
  const first = ready?.url ?? withFirstPath(given)
  const asked = await withPort(first, { target, told, ending }, ready?.timeoutMs)
  if (asked === null || !(await untilAnswers(asked, target, ending, ready?.timeoutMs))) return
  const url = first.includes(PORT)
    ? given.url.replaceAll(PORT, new URL(asked).port)
    : await withPort(given.url, { target, told, ending })
  if (url === null) return
  const options = { ...given, url }
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
 * The URL with the port in it at which the target answers it; null when the target ends first, or, as a failure, when it
 * answers nowhere.
 */
export async function withPort(
  url: string,
  { target, told, ending }: Pick<DriveContext, 'target' | 'told' | 'ending'>,
  timeoutMs: Milliseconds = READY_MS,
): Promise<string | null> {
  if (!url.includes(PORT)) return url
  const at = (port: number) => url.replaceAll(PORT, String(port))
  const port = await findServer(at, {
    pids: () => pidsOf(target),
    timeoutMs,
    alive: () => !ending.over,
    ...(told !== undefined && { expected: told }),
  })
  if (port !== undefined) return at(port)
  if (!ending.over) ending.fail(neverBegan(url, target, timeoutMs))
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
    const listening = listeningPorts(pidsOf(target))
    ending.fail(
      new HoldupError('port-never-opened', { port: Number(port || 80), seconds: timeoutMs / 1000, listening }),
    )
  }
  return ready === 'answers' && !ending.over
}

/** Why a recording that ended by itself or by Ctrl-C saw nothing of its load; null where it did. To be asked while the target lives. */
export function whyNoLoad(url: string, load: LoadDriver, target: Target, ms: Milliseconds): HoldupError | null {
  return load.began ? null : neverBegan(url, target, ms)
}

/** The first of the requests: where they are read from a file, the URL's own path may be nobody's. */
function withFirstPath({ url, paths }: Load): string {
  const [path] = paths ?? []
  return path !== undefined && url.includes(PORT) ? `${/^[a-z]+:\/\/[^/]+/.exec(url)?.[0] ?? ''}${path}` : url
}

function neverBegan(url: string, target: Target, ms: Milliseconds): HoldupError {
  const listening = listeningPorts(pidsOf(target))
  const asked = url.replaceAll(PORT, String(listening[0] ?? PORT))
  return new HoldupError('load-never-began', { url: asked, seconds: formatMs(ms), listening })
}

/** Runs the user's own load command once the target listens, and ends the recording with it. */
export function startOnPort(
  command: string,
  { target, told, ending }: Pick<DriveContext, 'target' | 'told' | 'ending'>,
): { stop(): void } {
  let running: { stop(): void } | null = null
  const start = async () => {
    const port = await waitForListening({
      pids: () => pidsOf(target),
      timeoutMs: Infinity,
      alive: () => !ending.over,
      ...(told !== undefined && { expected: told }),
    })
    if (port === undefined) return
    const started = runOnPort(command, port)
    running = started
    await started.ended
    ending.reach('on-port command done')
  }
  void start()
  return { stop: () => running?.stop() }
}

/** The port that an environment tells; undefined where it tells none. */
export function portTold({ PORT: told }: NodeJS.ProcessEnv = {}): number | undefined {
  return told !== undefined && /^[1-9]\d{0,4}$/.test(told) ? Number(told) : undefined
}

function pidsOf(target: Target): number[] {
  return target.tree.list().map(({ pid }) => pid)
}
