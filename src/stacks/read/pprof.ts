import { plainText } from '../shown-nodes.ts'
import { PROFILE, readTables } from './pprof-tables.ts'
import { fieldsOf, numbersOf } from './protobuf.ts'
import { ProfileError, type WeighedTree } from './read-profile.ts'
import { StackSums } from './stack-sums.ts'

const SAMPLE = { location: 1, value: 2 }
/** Of one sample. */
const MOST_LOCATIONS = 10_000
/** Go's profile of the heap has four. */
const MOST_TYPES = 4
const MS_PER: ReadonlyMap<string, number> = new Map([
  ['nanoseconds', 1e-6],
  ['microseconds', 1e-3],
  ['milliseconds', 1],
  ['seconds', 1000],
])

/** Reads pprof's format, decompressed: a tree each of its types, the one that pprof shows first. Throws ProfileError where it is none. */
export function readPprof(message: Uint8Array): WeighedTree[] {
  const { types, text, frames, defaultType } = readTables(message)
  if (types.length === 0) throw new ProfileError('it names no type of sample')
  const shown = types.findIndex(({ type }) => defaultType > 0 && type === defaultType)
  const first = shown < 0 ? types.length - 1 : shown
  const chosen = [first, ...types.keys()].filter((index, i) => i === 0 || index !== first).slice(0, MOST_TYPES)
  const weighed = chosen.map((index) => {
    const { type = 0, unit = 0 } = types[index] ?? {}
    const scale = MS_PER.get(text(unit))
    const name = plainText(text(type) || 'all')
    const sums = new StackSums(name)
    return { index, scale: scale ?? 1, sums, name, unit: scale === undefined ? unitOf(text(unit)) : 'ms' }
  })
  let samples = 0
  for (const { id, bytes } of fieldsOf(message)) {
    if (id !== PROFILE.sample || !bytes) continue
    samples++
    const { locations, values } = readSample(bytes)
    const stack = locations.flatMap(frames).reverse()
    for (const { index, scale, sums } of weighed) sums.add(stack, (values[index] ?? 0) * scale)
  }
  const trees = weighed.flatMap(({ name, unit, sums: { tree } }) => (tree.total > 0 ? [{ name, unit, tree }] : []))
  if (trees.length === 0)
    throw new ProfileError(samples > 0 ? `none of its ${samples} samples weighs anything` : 'it holds no sample')
  return trees
}

function readSample(bytes: Uint8Array): { locations: number[]; values: number[] } {
  const locations: number[] = []
  const values: number[] = []
  for (const field of fieldsOf(bytes)) {
    const list = field.id === SAMPLE.location ? locations : field.id === SAMPLE.value ? values : null
    if (!list) continue
    for (const number of numbersOf(field)) {
      if (list.length >= MOST_LOCATIONS) break
      list.push(number)
    }
  }
  return { locations, values }
}

function unitOf(unit: string): string {
  return unit === 'count' || unit === '' ? '' : plainText(unit)
}
