import type { Ratio, Seconds } from '../../../src/units.ts'
import type { Verdict } from '../verdict.ts'
import type { Program } from './programs.ts'
import type { Recorded } from './recorded.ts'
import type { Tier } from './tiers.ts'
import { percent, verdict } from './verdict.ts'

const RATE = 2000
const INTERVAL: Ratio = 0.25
const AT_THE_ENDS: Ratio = 0.002

/** So many threads, and then an orderly end, so that program and agent have counted the same ones. */
export function finite(program: Program, seconds: Seconds): Program {
  return { ...program, env: { RATE: String(RATE), COUNT: String(RATE * seconds) } }
}

/** All threads that were created and exited, as the agent and as the program counted them. */
function churnVerdict(program: Program, tier: Tier, { source, lines }: Recorded): Verdict {
  const truth = lines.at(-1)
  const sum = (field: 'created' | 'exited') =>
    source.of('native-spawn').reduce((total, record) => total + record[field], 0)
  const [created, exited] = [sum('created'), sum('exited')]
  const holds = created === truth?.['threads_created'] && exited === truth['threads_exited']
  const counted = `created ${created} of ${truth?.['threads_created']}, exited ${exited} of ${truth?.['threads_exited']}`
  return verdict(`${program.name}, ${RATE} threads/s · ${tier.name}`, holds, counted)
}

/** Without an agent: an interval, over the window. */
function churnEstimateVerdict(program: Program, tier: Tier, { signals, truth }: Recorded): Verdict {
  const created = truth('threads_created')
  const { createdLow: low = 0, createdHigh: high = 0 } = signals.threads ?? {}
  const holds = low <= created && created <= high && (high - low) / created <= INTERVAL
  const interval = `created ${low.toFixed(0)} … ${high.toFixed(0)} of ${created.toFixed(0)}, ${percent(INTERVAL)} wide`
  return verdict(`${program.name}, ${RATE} threads/s · ${tier.name}`, holds, interval)
}

/** Of a program that ran before and goes on: those of the window, whose ends the program knows to a tenth of a second. */
function churnWindowVerdict(program: Program, tier: Tier, { signals, truth }: Recorded): Verdict {
  const made = truth('threads_created')
  const { created = 0 } = signals.threads ?? {}
  const counted = `created ${created.toFixed(0)} of ${made.toFixed(0)} in the window, ±${percent(AT_THE_ENDS)}`
  return verdict(
    `${program.name}, ${RATE} threads/s · ${tier.name}`,
    Math.abs(created - made) <= made * AT_THE_ENDS,
    counted,
  )
}

/** By how a tier counts them. */
export const CHURN_VERDICTS = { all: churnVerdict, window: churnWindowVerdict, interval: churnEstimateVerdict }
