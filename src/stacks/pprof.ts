import { Function as PprofFunction, Label, Line, Location, Profile, Sample, StringTable, ValueType } from 'pprof-format'
import type { Milliseconds } from '../units.ts'
import { parseFrame } from './call-frame.ts'
import type { CallTree } from './call-tree.ts'
import type { GroupTree } from './group-trees.ts'
import { plainText } from './shown-nodes.ts'

const NS_PER_US = 1000
/** As Go's profiles of mutexes have them. */
export const LOCK_TYPES = [
  ['contentions', 'count'],
  ['delay', 'nanoseconds'],
] as const

/** A stack, leaf first, and what it weighs in each of the profile's types. */
export interface PprofSample {
  stack: readonly string[]
  values: readonly number[]
  /** By name, as `thread_group`. */
  labels: Readonly<Record<string, string>>
}

/** When it began, in ms since 1970, how long it is, and how much of its first type lies between two samples. */
interface PprofTime {
  startedAt: Milliseconds
  durationMs: Milliseconds
  period?: number
}

/**
 * A profile in pprof's format, not compressed. `types`: what is measured and its unit, as `['cpu', 'nanoseconds']`. The format:
 * https://github.com/google/pprof/blob/main/proto/profile.proto
 */
export function pprofProfile(
  types: readonly (readonly [type: string, unit: string])[],
  samples: Iterable<PprofSample>,
  { startedAt, durationMs, period = 1 }: PprofTime,
): Uint8Array {
  const strings = new StringTable()
  const text = (value: string) => strings.dedup(plainText(value))
  const functions = new Map<string, PprofFunction>()
  const locations = new Map<string, Location>()
  const functionOf = (name: string, filename: string): PprofFunction => {
    const key = `${name} (${filename})`
    const known =
      functions.get(key) ??
      new PprofFunction({
        id: functions.size + 1,
        name: text(name),
        systemName: text(name),
        filename: filename === '' ? 0 : text(filename),
      })
    functions.set(key, known)
    return known
  }
  const locationOf = (frame: string): Location => {
    const known = locations.get(frame)
    if (known) return known
    const { functionName, url, lineNumber } = parseFrame(frame)
    const line = new Line({ functionId: functionOf(functionName, url).id, line: Math.max(0, lineNumber + 1) })
    const location = new Location({ id: locations.size + 1, line: [line] })
    locations.set(frame, location)
    return location
  }
  const sample = [...samples].map(
    ({ stack, values, labels }) =>
      new Sample({
        locationId: stack.map((frame) => locationOf(frame).id),
        value: values.map(Math.round),
        label: Object.entries(labels).map(([key, value]) => new Label({ key: text(key), str: text(value) })),
      }),
  )
  const sampleType = types.map(([type, unit]) => new ValueType({ type: text(type), unit: text(unit) }))
  return new Profile({
    sampleType,
    sample,
    location: [...locations.values()],
    function: [...functions.values()],
    stringTable: strings,
    ...(sampleType[0] && { periodType: sampleType[0] }),
    period,
    timeNanos: BigInt(Math.round(startedAt)) * 1_000_000n,
    durationNanos: BigInt(Math.round(durationMs)) * 1_000_000n,
  }).encode()
}

/** Each stack with CPU time of its own, in ns; `scale`: how many of these the trees' unit has, µs by default. */
export function* cpuSamples(
  groups: readonly Pick<GroupTree, 'group' | 'tree'>[],
  scale = NS_PER_US,
): Generator<PprofSample> {
  for (const { group, tree } of groups)
    for (const { stack, self } of selfTimes(tree, []))
      yield { stack, values: [self * scale], labels: { thread_group: group } }
}

/** What the children of a tree cost themselves, by stack, leaf first. */
function* selfTimes({ children }: CallTree, above: readonly string[]): Generator<{ stack: string[]; self: number }> {
  for (const child of children) {
    const stack = [child.frame, ...above]
    if (child.self > 0) yield { stack, self: child.self }
    yield* selfTimes(child, stack)
  }
}
