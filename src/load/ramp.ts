import type { PerSecond, Ratio } from '../units.ts'

/** What a step of the ramp showed. */
export interface RampStep {
  connections: number
  perSecond: PerSecond
  /** Requests that failed, of all. */
  errorShare: Ratio
  /** Null without an SLO. */
  holdsSlo: boolean | null
}

export interface RampLimits {
  /** The largest number of connections. */
  most: number
  maxErrors: Ratio
}

/** Under this share of the best, twice in a row, throughput has fallen; under the other one, once. */
const FALLEN: Ratio = 0.85
const FALLEN_FAR: Ratio = 0.6
/** Steps that bring no more than this over those before them: it has stopped growing. */
const FLAT_STEPS = 3
const FLAT: Ratio = 1.15
/** So far it goes on being flat: what makes throughput fall shows late. */
const FLAT_FROM = 64

/** Why the ramp ends after these steps; null while it goes on, with twice the connections. */
export function endOfRamp(steps: readonly RampStep[], { most, maxErrors }: RampLimits): string | null {
  const last = steps.at(-1)
  if (!last) return null
  const best = Math.max(...steps.map(({ perSecond }) => perSecond))
  const under = (step: RampStep | undefined, share: Ratio) => step !== undefined && step.perSecond < share * best
  if (last.errorShare > maxErrors) return 'errors'
  if (last.holdsSlo === false) return 'the SLO'
  if (under(last, FALLEN_FAR) || (under(last, FALLEN) && under(steps.at(-2), FALLEN))) return 'throughput fell'
  if (last.connections >= most) return 'the most connections'
  const before = Math.max(0, ...steps.slice(0, -FLAT_STEPS).map(({ perSecond }) => perSecond))
  const isFlat = last.connections >= FLAT_FROM && before > 0 && best <= FLAT * before
  return isFlat ? 'throughput stopped growing' : null
}
