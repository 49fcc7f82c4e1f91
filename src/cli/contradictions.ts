import { HoldupError } from '../errors.ts'
import { formatMs, type Milliseconds } from '../units.ts'
import type { RecordingFlags } from './recording.ts'

/** Throws HoldupError `options-contradict` for options of a recording of which one makes no sense with, or without, another. */
export function checkRecordingFlags(verb: string, flags: RecordingFlags): void {
  const { load, onPort, duration, warmup } = flags
  const instead = `holdup ${verb} --help`
  if (load !== undefined && onPort !== undefined)
    throw new HoldupError('options-contradict', {
      first: '--load',
      second: '--on-port',
      reason: "one is holdup's own load, the other your own tool's",
      instead,
    })
  if (duration !== undefined && warmup !== undefined)
    checkOrder(['--warmup', warmup], ['--duration', duration], instead)
  const ofLoad = { '-c': flags.connections, '--rate': flags.rate, '--reconnect': flags.reconnect }
  const [alone] = Object.entries({ ...ofLoad, '--requests-from': flags.requestsFrom }).find(([, value]) => value) ?? []
  if (alone !== undefined && load === undefined)
    throw new HoldupError('options-contradict', {
      first: alone,
      second: 'no --load',
      reason: 'it says how --load drives its requests',
      instead: `holdup ${verb} --load / ${alone} … ${verb === 'run' ? '-- node server.js' : '--port 8080'}`,
    })
}

/** Throws HoldupError `options-contradict` where the first is not before the second. */
export function checkOrder(
  [first, from]: readonly [option: string, Milliseconds],
  [second, to]: readonly [option: string, Milliseconds],
  instead: string,
): void {
  if (from < to) return
  throw new HoldupError('options-contradict', {
    first: `${first} ${formatMs(from)}`,
    second: `${second} ${formatMs(to)}`,
    reason: 'nothing is left between them',
    instead,
  })
}
