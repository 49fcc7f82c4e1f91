import { gunzipSync } from 'node:zlib'
import { Profile } from 'pprof-format'

/** What a profile adds up to, by its types: `{ cpu: 1e9 }`. Throws where it is no pprof. */
export function pprofTotals(compressed: Uint8Array): Record<string, number> {
  const { sampleType, sample, stringTable } = Profile.decode(gunzipSync(compressed))
  const totals = sampleType.map(({ type }, i): [string, number] => [
    stringTable.strings[Number(type)] ?? '',
    sample.reduce((sum, { value }) => sum + Number(value[i]), 0),
  ])
  return Object.fromEntries(totals)
}
