import type { Ratio } from '../units.ts'
import type { Source } from './index-records.ts'

/**
 * By what sums over native-sampler's records of the window are to be multiplied, to be of all the window: it begins a little later
 * than that and ends a little earlier. 1 where there is too little of it to say.
 */
export function windowOverSampled(source: Source): Ratio {
  const records = source.of('sampled')
  const [from, to] = source.window
  const first = Math.max(from, Math.min(...records.map(({ t, ms }) => t - ms)))
  const last = Math.min(to, Math.max(...records.map(({ t }) => t)))
  return last - first > source.windowMs / 2 ? source.windowMs / (last - first) : 1
}
