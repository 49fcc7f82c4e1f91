import { analyseWindow } from '../analysis/analyse.ts'
import { cpuSamples, LOCK_TYPES, pprofProfile } from '../stacks/pprof.ts'
import type { Milliseconds } from '../units.ts'
import { FreshProfiles } from './fresh-profiles.ts'
import { recentData, WINDOW_MS } from './latest-report.ts'
import { lockSamples } from './lock-samples.ts'
import { Outbox } from './outbox.ts'
import { nameOf } from './output-folder.ts'
import { profileLetter, type SentProfile } from './profile-letters.ts'
import type { Receiver } from './receiver.ts'
import type { LiveView } from './record-options.ts'
import { Tiles } from './tiles.ts'

/** A piece of a worker's profile is 30 s long: as far back it is asked when its thread waited for a core. */
const KEEP_MS: Milliseconds = 45_000
/** Workers tell of their waits each 2 s, and on a busy machine later: a wait that lies on a window's end would be lost to it. */
const LAG_MS: Milliseconds = 5000
/** What a receiver that does not answer adds to the end. */
const CLOSE_MS: Milliseconds = 1500
const NS_PER_MS = 1e6

/**
 * Pushes the CPU profile of each ten seconds, and the waits for locks, to a receiver of pprof while a recording is made.
 * `env`: OTEL_SERVICE_NAME is what it is called there.
 */
export function pushPprof(receiver: Receiver, env: NodeJS.ProcessEnv): LiveView {
  const fresh = new FreshProfiles()
  const tiles = new Tiles(LAG_MS)
  let timer: NodeJS.Timeout | undefined
  let live: Parameters<LiveView['start']>[0] | null = null
  let outbox: Outbox | null = null

  const post = (kind: SentProfile['kind'], from: Milliseconds, to: Milliseconds, profile: Uint8Array): void => {
    if (!live) return
    const { startedAt, target } = live.header
    const service = env['OTEL_SERVICE_NAME'] || nameOf(target.command.split(' '))
    outbox?.put(profileLetter(receiver, { kind, service, from: startedAt + from, until: startedAt + to, profile }))
  }
  const push = (): void => {
    if (!live) return
    const { recent, header, now } = live
    const { startedAt, options } = header
    const cpu = fresh.take(recent, header, now())
    if (cpu) {
      const { from, to, groups } = cpu
      const period = (options.cpuProfileMs ?? 0) * NS_PER_MS
      const time = { startedAt: startedAt + from, durationMs: to - from, period }
      post('cpu', from, to, pprofProfile([['cpu', 'nanoseconds']], cpuSamples(groups, NS_PER_MS), time))
    }
    const window = tiles.next(now())
    if (!window) return
    const { lockWait } = analyseWindow(recentData(recent, header, now()), window, '').signals
    const samples = lockSamples(lockWait)
    const [from, to] = window
    const time = { startedAt: startedAt + from, durationMs: to - from }
    if (samples.length > 0) post('mutex', from, to, pprofProfile(LOCK_TYPES, samples, time))
  }
  return {
    keepMs: KEEP_MS,
    start(given) {
      live = given
      outbox = new Outbox(receiver, given.say)
      timer = setInterval(push, WINDOW_MS)
    },
    stop() {
      clearInterval(timer)
    },
    async finish() {
      // The target waits on until it ends.
      if (live) tiles.end(live.now())
      push()
      await outbox?.close(CLOSE_MS)
    },
  }
}
