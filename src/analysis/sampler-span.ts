import type { Ratio } from '../units.ts'
import type { Source } from './index-records.ts'

/**
 * By what sums over native-sampler's records of the window are to be multiplied, to be of all the window: the first of them may have
 * begun before it, and what comes after the last is in one that is not its own. 1 where there is too little of it to say.
 */
export function windowOverSampled(source: Source): Ratio {
  let [first, last] = [Infinity, -Infinity]
  for (const { t, ms } of source.within('sampled')) {
    first = Math.min(first, t - ms)
    last = Math.max(last, t)
  }
  return last - first > source.windowMs / 2 ? source.windowMs / (last - first) : 1
}
