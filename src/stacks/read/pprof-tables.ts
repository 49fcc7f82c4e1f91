import { formatFrame } from '../call-frame.ts'
import { type Field, fieldsOf } from './protobuf.ts'
import { ProfileError } from './read-profile.ts'

/** Fields by their numbers: https://github.com/google/pprof/blob/main/proto/profile.proto */
export const PROFILE = { sampleType: 1, sample: 2, location: 4, function: 5, string: 6, defaultSampleType: 14 }
/** No program has more: functions and locations, and strings with those of its labels. */
const MOST_PLACES = 300_000
const MOST_STRINGS = 1_000_000
const MOST_LINES = 100
const NAME_BYTES = 4000
const UNKNOWN = ['(unknown)']
const VALUE_TYPE = { type: 1, unit: 2 }
const LOCATION = { id: 1, address: 3, line: 4 }
const LINE = { function: 1, line: 2 }
const FUNCTION = { id: 1, name: 2, filename: 4 }

/** What the samples of a profile refer to. */
export interface Tables {
  types: { type: number; unit: number }[]
  text: (index: number) => string
  /** Frames of a location, innermost first. */
  frames: (location: number) => readonly string[]
  defaultType: number
}

/** All but the samples. Throws ProfileError where it is none. */
export function readTables(message: Uint8Array): Tables {
  const strings: Uint8Array[] = []
  const types: Tables['types'] = []
  const functions = new Map<number, { name: number; filename: number }>()
  const locations = new Map<number, Uint8Array>()
  let defaultType = 0
  for (const { id, value, bytes } of fieldsOf(message)) {
    if (id === PROFILE.defaultSampleType) defaultType = value
    if (!bytes) continue
    if (id === PROFILE.string) strings.push(bytes)
    else if (id === PROFILE.sampleType)
      types.push({ type: numberIn(bytes, VALUE_TYPE.type), unit: numberIn(bytes, VALUE_TYPE.unit) })
    else if (id === PROFILE.function)
      functions.set(numberIn(bytes, FUNCTION.id), {
        name: numberIn(bytes, FUNCTION.name),
        filename: numberIn(bytes, FUNCTION.filename),
      })
    else if (id === PROFILE.location) locations.set(numberIn(bytes, LOCATION.id), bytes)
    if (Math.max(functions.size, locations.size, types.length) > MOST_PLACES || strings.length > MOST_STRINGS)
      throw new ProfileError(`it holds more than ${MOST_PLACES} places or ${MOST_STRINGS} names`)
  }
  const decoder = new TextDecoder()
  const text = memoised((index) => decoder.decode(strings[index]?.subarray(0, NAME_BYTES)))
  const frameOf = (line: Field): string => {
    const place = functions.get(numberIn(line.bytes, LINE.function))
    const [functionName, url] = [text(place?.name ?? 0) || '(anonymous)', text(place?.filename ?? 0)]
    const lineNumber = numberIn(line.bytes, LINE.line) - 1
    return formatFrame({ functionName, scriptId: '0', url, lineNumber, columnNumber: -1 })
  }
  const known = memoised((location): readonly string[] => {
    const bytes = locations.get(location) ?? new Uint8Array()
    const named: string[] = []
    for (const field of fieldsOf(bytes))
      if (field.id === LOCATION.line && named.length < MOST_LINES) named.push(frameOf(field))
    return named.length > 0 ? named : [`0x${numberIn(bytes, LOCATION.address).toString(16)}`]
  })
  const frames = (location: number) => (locations.has(location) ? known(location) : UNKNOWN)
  return { types, text, frames, defaultType }
}

/** The last one of that field, as protobuf has it; 0 of none. */
function numberIn(message: Uint8Array | null, wanted: number): number {
  let found = 0
  if (message) for (const { id, value, bytes } of fieldsOf(message)) if (id === wanted && !bytes) found = value
  return found
}

function memoised<T>(make: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>()
  return (key) => {
    let value = known.get(key)
    if (value === undefined) known.set(key, (value = make(key)))
    return value
  }
}
