import type { Source } from './index-records.ts'
import type { ProfileSample } from './profiles.ts'
import { crossCheck } from './cross-checks.ts'
import type { Http, Quality } from './signals.ts'

/** What probes yield, against which what they dropped is held. */
const EVENT_KINDS = [
  'threads',
  'proc',
  'usage',

  'wait',
  'notify',
  'http',
  'loop',
  'gc',
  'worker-birth',
  'worker-death',
  'stall',
  'profile',
  'on-cpu',
  'runtime-wait',
  'runtime-spawn',
] as const
/** `end` records that tell of a target that went by itself. */
export const TARGET_EXITED = 'target exited'

/** What the recording is worth. */
export function readQuality(
  source: Source,
  samples: ReadonlyMap<string, ProfileSample[]>,
  http: Http | null,
  requests: number | null,
): Quality {
  const [from, to] = source.window
  const end = source.of('end')[0]
  const recorder = source.of('recorder')
  const ticks = recorder.reduce((sum, record) => sum + record.ticks, 0)
  const late = recorder.reduce((sum, record) => sum + record.late, 0)
  const lastT = Math.max(end?.t ?? 0, to)
  return {
    recordedSeconds: lastT / 1000,
    windowSeconds: (to - from) / 1000,
    droppedEvents: (end?.probes ?? []).reduce((sum, probe) => sum + probe.dropped, 0),
    keptEvents:
      EVENT_KINDS.reduce((sum, kind) => sum + source.of(kind).length, 0) +
      (end?.probes ?? []).reduce((sum, { kept = 0 }) => sum + kept, 0),
    lateSweeps: ticks > 0 ? late / ticks : 0,
    cutOff: source.cutOff ?? (end ? null : 'the recording has no end: holdup was killed, or is still recording'),
    exit: end?.exit ?? null,
    endedByItself: end?.reason === TARGET_EXITED,
    crossChecks: crossCheck(source, http),
    requests: requests ?? (source.of('node').length > 0 ? 0 : null),
    profileSamples: samples.size === 0 ? null : countWithin(samples, source.window),
  }
}

function countWithin(samples: ReadonlyMap<string, ProfileSample[]>, [from, to]: readonly [number, number]): number {
  let count = 0
  for (const thread of samples.values()) count += thread.filter(({ t }) => t > from && t <= to).length
  return count
}
