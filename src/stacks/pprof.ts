import { Function as PprofFunction, Label, Line, Location, Profile, Sample, StringTable, ValueType } from 'pprof-format'
import type { Milliseconds } from '../units.ts'
import { parseFrame } from './call-frame.ts'
import type { CallTree } from './call-tree.ts'
import type { GroupTree } from './group-trees.ts'
import { plainText } from './shown-nodes.ts'

const NS_PER_US = 1000

/** A stack, leaf first, and what it weighs in each of the profile's types. */
export interface PprofSample {
  stack: readonly string[]
  values: readonly number[]
  /** By name, as `thread_group`. */
  labels: Readonly<Record<string, string>>
}

/** When the recording began, in ms since 1970, and how long it is. */
interface PprofTime {
  startedAt: Milliseconds
  durationMs: Milliseconds
}

/**
 * A profile in pprof's format, not compressed. `types`: what is measured and its unit, as `['cpu', 'nanoseconds']`. The format:
 * https://github.com/google/pprof/blob/main/proto/profile.proto
 */
export function pprofProfile(
  types: readonly (readonly [type: string, unit: string])[],
  samples: Iterable<PprofSample>,
  { startedAt, durationMs }: PprofTime,
): Uint8Array {
  const strings = new StringTable()
  const text = (value: string) => strings.dedup(plainText(value))
  const functions = new Map<string, PprofFunction>()
  const locations = new Map<string, Location>()
  const functionOf = (name: string, filename: string): PprofFunction => {
    const key = `${name} (${filename})`
    const known =
      functions.get(key) ??
      new PprofFunction({ id: functions.size + 1, name: text(name), systemName: text(name), filename: text(filename) })
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
    timeNanos: BigInt(Math.round(startedAt)) * 1_000_000n,
    durationNanos: BigInt(Math.round(durationMs)) * 1_000_000n,
  }).encode()
}

/** Each stack with CPU time of its own, in ns. */
export function* cpuSamples(groups: readonly GroupTree[]): Generator<PprofSample> {
  for (const { group, tree } of groups) for (const child of tree.children) yield* selfTimes(child, [], group)
}

function* selfTimes(node: CallTree, above: readonly string[], group: string): Generator<PprofSample> {
  const stack = [node.frame, ...above]
  if (node.self > 0) yield { stack, values: [node.self * NS_PER_US], labels: { thread_group: group } }
  for (const child of node.children) yield* selfTimes(child, stack, group)
}
