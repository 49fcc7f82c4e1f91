import { errorShareOf, summariseLoad } from '../analysis/http.ts'
import { nextTrial, type Trial } from '../analysis/scale/capacity.ts'
import { holdsSlo, type Slo } from '../analysis/scale/slo.ts'
import type { Http } from '../analysis/signals.ts'
import type { LoadDriver } from '../load/load-driver.ts'
import { measureStep } from '../load/measure-step.ts'
import { endOfRamp, type RampStep } from '../load/ramp.ts'
import type { RecordOf } from '../recording/schema.ts'
import { formatMs, formatNumber } from '../units.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import { type DriveContext, untilAnswers, withPort } from './drive-load.ts'
import { PORT } from './values.ts'

const TIMEOUT_MS = 10_000

export interface StepOptions {
  /** Null: the port that the target listens on. */
  url: string | null
  paths?: readonly string[]
  /** The most connections. */
  most: number
  /** Of each step, after it has settled. */
  stepMs: Milliseconds
  settleMs: Milliseconds
  /** Load before the first step. */
  warmupMs: Milliseconds
  warmupConnections: number
  slo: { text: string; limit: Slo } | null
  maxErrors: Ratio
  /** The whole ramp so often. */
  rounds: number
}

/** Steps up the connections until the service gives way, looks for its capacity where there is an SLO, and ends the recording. */
export async function driveSteps(load: LoadDriver, options: StepOptions, context: DriveContext): Promise<void> {
  const { target, ending } = context
  try {
    const url = await withPort(options.url ?? `http://127.0.0.1:${PORT}/`, context)
    if (url === null || !(await untilAnswers(url, target, ending))) return
    const { paths } = options
    await load.drive({ url, connections: options.warmupConnections, timeoutMs: TIMEOUT_MS, ...(paths && { paths }) })
    await climb(load, options, context)
    ending.reach('scale done')
  } catch (error) {
    if (!ending.over) ending.fail(error instanceof Error ? error : new Error(String(error)))
  }
}

async function climb(load: LoadDriver, options: StepOptions, context: DriveContext): Promise<void> {
  const { slo, maxErrors, most } = options
  const { ending, talk, sink, now } = context
  talk.phase(`warming up with ${options.warmupConnections} connections for ${formatMs(options.warmupMs)}`)
  await measureStep(load, options.warmupConnections, { settleMs: 0, ms: options.warmupMs })
  const trials: Trial[] = []
  const measure = async (connections: number, of: RecordOf<'step'>['of']): Promise<RampStep> => {
    const { from, to, records } = await measureStep(load, connections, {
      settleMs: options.settleMs,
      ms: options.stepMs,
    })
    sink.add({ k: 'step', t: to, from, connections, of })
    const http = summariseLoad(records, [from, to])
    const holds = slo ? holdsSlo(http, slo.limit, maxErrors) : null
    if (holds !== null) trials.push({ n: connections, holds })
    talk.phase(line(connections, http, holds))
    return { connections, perSecond: http.perSecond, errorShare: errorShareOf(http), holdsSlo: holds }
  }
  let ended = ''
  for (let round = 0; round < options.rounds && !ending.over; round++) {
    const ramp: RampStep[] = []
    for (let n = 1; !ending.over; n = Math.min(most, n * 2)) {
      ramp.push(await measure(n, 'ramp'))
      ended = endOfRamp(ramp, { most, maxErrors }) ?? ''
      if (ended !== '') break
    }
  }
  sink.add({ k: 'scale', t: now(), maxErrors, ended, ...(slo && { slo: slo.text }) })
  if (!slo) return
  for (let n = nextTrial(trials); n !== null && !ending.over; n = nextTrial(trials)) await measure(n, 'capacity')
}

function line(connections: number, { perSecond, latencyMs }: Http, holds: boolean | null): string {
  const verdict = holds === null ? '' : holds ? ', holds the SLO' : ', misses the SLO'
  return `${formatNumber(connections).padStart(5)} connections: ${formatNumber(perSecond)} requests/s, p99 ${formatMs(latencyMs.p99)}${verdict}`
}
