import { gunzipSync } from 'node:zlib'
import { Profile } from 'pprof-format'
import type { Bytes } from '../../units.ts'

const LARGEST: Bytes = 64 << 20

/** A stack of a profile, leaf first as `main.search (main.go:12)`, and its values in the order of their types. */
export interface GoSample {
  stack: string[]
  values: number[]
}

/** The samples of one of Go's profiles, as pprof encodes them. Throws where it is none. */
export function readGoProfile(data: Buffer): GoSample[] {
  const raw = data[0] === 0x1f && data[1] === 0x8b ? gunzipSync(data, { maxOutputLength: LARGEST }) : data
  const { sample, location, function: functions, stringTable } = Profile.decode(raw)
  const names = new Map(functions.map((of) => [Number(of.id), of]))
  const text = (index: number | bigint | undefined) => stringTable.strings[Number(index ?? 0)] ?? ''
  const frames = new Map(
    location.map(({ id, line }) => [
      Number(id),
      // Where functions were inlined the innermost is first.
      line.map(({ functionId, line: number }) => {
        const of = names.get(Number(functionId))
        const file = text(of?.filename).replace(/^.*\//, '')
        return `${text(of?.name)} (${file}${Number(number) > 0 ? `:${number}` : ''})`
      }),
    ]),
  )
  return sample.map(({ locationId, value }) => ({
    stack: locationId.flatMap((id) => frames.get(Number(id)) ?? []),
    values: value.map(Number),
  }))
}
