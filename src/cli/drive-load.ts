import { setTimeout as sleep } from 'node:timers/promises'
import { HoldupError } from '../errors.ts'
import { listeningPorts } from '../load/listening.ts'
import type { DriveOptions, LoadDriver } from '../load/load-driver.ts'
import { runOnPort } from '../load/on-port.ts'
import { waitForUrl } from '../load/wait-for-url.ts'
import type { Target } from '../targets/target.ts'
import type { Ending } from './ending.ts'
import type { Talk } from './talk.ts'

const READY_MS = 60_000
const LOOK_FOR_PORT_MS = 50

/** Drives load once the target answers; a load that can't be had ends the recording as a failure. */
export async function driveLoad(
  load: LoadDriver,
  options: DriveOptions,
  target: Target,
  ending: Ending,
  talk: Talk,
): Promise<void> {
  if (!(await untilAnswers(options.url, target, ending))) return
  const { connections, rate } = options
  const what = rate === undefined ? `${connections} connections` : `${rate} requests/s`
  talk.phase(`driving ${what} at ${new URL(options.url).origin}`)
  try {
    await load.drive(options)
    const { complete } = await load.ended()
    if (complete && options.durationMs !== undefined) ending.reach('load done')
  } catch (error) {
    ending.fail(new HoldupError('load-failed', { url: options.url, reason: (error as Error).message }))
  }
}

/** True once the target answers; that it never does ends the recording as a failure. */
export async function untilAnswers(url: string, target: Target, ending: Ending): Promise<boolean> {
  const ready = await waitForUrl(url, { timeoutMs: READY_MS, alive: () => !ending.over })
  if (ready === 'timeout') {
    const { port } = new URL(url)
    const listening = listeningPorts(target.tree.list().map(({ pid }) => pid))
    ending.fail(new HoldupError('port-never-opened', { port: Number(port || 80), seconds: READY_MS / 1000, listening }))
  }
  return ready === 'answers' && !ending.over
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
