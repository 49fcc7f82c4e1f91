import { readSampledLocks } from '../../../src/analysis/sampled-locks.ts'
import type { Milliseconds, Ratio, Seconds } from '../../../src/units.ts'
import type { Verdict } from '../verdict.ts'
import { type Naming, namingOf } from './naming.ts'
import type { LockProgram } from './programs.ts'
import type { Recorded } from './recorded.ts'
import type { Tier } from './tiers.ts'
import { percent, verdict } from './verdict.ts'

const HEALTHY_MS: Milliseconds = 10
const BRACKET: Ratio = 0.2
const NAMED: Ratio = 0.95
const WRONG: Ratio = 0.02

/** Lock-wait seconds of one program in the recording's window, as holdup and as the program itself has them. */
export interface LockWaits {
  program: LockProgram
  tier: Tier
  truth: Seconds
  low: Seconds
  high: Seconds
  unclassified: Seconds
  /** holdup says that threads switch too often for these figures. */
  storm: boolean
  naming: Naming
}

export function lockWaitsOf(program: LockProgram, tier: Tier, recorded: Recorded): LockWaits {
  const { signals, source } = recorded
  return {
    program,
    tier,
    truth: recorded.truth('lock_wait_ns_total') / 1e9,
    low: signals.lockWait?.secondsLow ?? 0,
    high: signals.lockWait?.secondsHigh ?? 0,
    unclassified: signals.lockWait?.unclassifiedSeconds ?? 0,
    storm: readSampledLocks(source)?.storm ?? false,
    naming: namingOf(source),
  }
}

/** Of what a tier measures: all of it where it is exact; of a bracket not how far off its ends are. */
export function lockVerdicts(waits: LockWaits): Verdict[] {
  const { program, tier, low, high, storm } = waits
  const of = `${program.name}, ${program.kind} · ${tier.name}`
  if (tier.exempt.includes(program.name)) return []
  if (program.kind === 'healthy')
    return [verdict(of, high * 1000 <= HEALTHY_MS, `lock wait ${(high * 1000).toFixed(1)} ms ≤ ${HEALTHY_MS} ms`)]
  if (tier.lockWait !== 'bracket') {
    const error = errorOf(waits)
    const limit = tier.lockWait[program.kind]
    return [verdict(of, Math.abs(error) <= limit, `lock wait off by ${percent(error)}, ±${percent(limit)}`), ...named()]
  }
  const { truth } = waits
  const shares = `${percent(low / truth)} … ${percent(high / truth)} of the truth`
  if (program.kind === 'storm') {
    const inside = low <= truth && truth <= high
    return [verdict(of, storm || inside, storm ? 'said to be out of reach' : `not said to be out of reach: ${shares}`)]
  }
  const width = (high - low) / truth
  return [
    verdict(of, low <= truth && truth <= high && width <= BRACKET, `lock wait ${shares}, ${percent(BRACKET)} wide`),
    ...named(),
  ]

  function named(): Verdict[] {
    const { naming } = waits
    if (program.kind === 'storm') return []
    const said = `taker and caller named ${percent(naming.named)} ≥ ${percent(NAMED)}`
    const functions = tier.unnamed.includes(program.name) ? [] : [verdict(of, naming.named >= NAMED, said)]
    const right = verdict(of, naming.wrong <= WRONG, `holder wrong ${percent(naming.wrong)} ≤ ${percent(WRONG)}`)
    const { holder } = naming
    if (holder === null) return [...functions, right]
    return [
      ...functions,
      verdict(of, holder >= tier.holder, `holder known ${percent(holder)} ≥ ${percent(tier.holder)}`),
      right,
    ]
  }
}

/** A row of the table. */
export function lockRow(waits: LockWaits): string[] {
  const { program, tier, truth, low, high, unclassified, storm, naming } = waits
  const seconds = (s: Seconds) => s.toFixed(3)
  const healthy = program.kind === 'healthy'
  const share = (of: Ratio | null) => (healthy || of === null || Number.isNaN(of) ? '–' : percent(of))
  return [
    `${program.name}, ${program.kind} · ${tier.name}`,
    seconds(truth),
    low === high ? seconds(low) : `${seconds(low)} … ${seconds(high)}`,
    healthy ? '–' : storm ? 'out of reach' : percent(errorOf(waits)),
    seconds(unclassified),
    share(naming.named),
    share(naming.holder),
  ]
}

export const LOCK_HEAD = ['lock wait', 'truth s', 'measured s', 'error', 'unclassified s', 'named', 'holder']

function errorOf({ truth, low, high }: LockWaits): Ratio {
  return (low + high) / 2 / truth - 1
}
