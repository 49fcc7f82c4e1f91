import type { RecordedData } from '../index-records.ts'
import type { Analysis, MeasuredSignals, Scale, ScalePoint } from '../signals.ts'
import { capacityOf, type Trial } from './capacity.ts'
import { fitUsl } from './fit-usl.ts'
import { judgeLimit } from './limit.ts'
import { readPoint } from './point.ts'
import { parseSlo } from './slo.ts'

/** Steps of the ramp that the rest of the report is about: at the most connections what is wrong shows most. */
const LAST_STEPS = 2

/**
 * What `holdup scale` measured, and the part of the recording with the most connections; null of another recording. `signalsOf`
 * gives those of a step.
 */
export function readScale(
  data: RecordedData,
  signalsOf: (window: Analysis['window']) => MeasuredSignals,
): { scale: Scale; window: Analysis['window']; reason: string } | null {
  const steps = data.records.filter((record) => record.k === 'step')
  const ramp = steps.filter((step) => step.of === 'ramp')
  if (ramp.length === 0) return null
  const asked = data.records.findLast((record) => record.k === 'scale')
  const slo = parseSlo(asked?.slo ?? '')
  const limits = { slo, maxErrors: asked?.maxErrors ?? 0 }
  const points = nameLocks(steps.map((step) => readPoint(step, signalsOf([step.from, step.t]), limits)))
  const usable = points.filter(({ clientBusy }) => !clientBusy)
  const fit = fitUsl(usable)
  const trials: Trial[] = points.flatMap(({ n, holds }) => (holds === null ? [] : [{ n, holds }]))
  const last = ramp.slice(-LAST_STEPS)
  return {
    scale: {
      points,
      fit,
      ended: asked?.ended ?? 'the recording ended',
      limit: judgeLimit(points, fit),
      capacity: slo && asked?.slo !== undefined ? capacity(trials, asked.slo) : null,
    },
    window: [last[0]?.from ?? 0, last.at(-1)?.t ?? 0],
    reason: `the ${last.length === 1 ? 'step' : 'steps'} at ${last.map(({ connections }) => connections).join(' and ')} connections`,
  }
}

function capacity(trials: readonly Trial[], slo: string): NonNullable<Scale['capacity']> {
  const n = capacityOf(trials)
  return { n, slo, trials: trials.length, isBound: trials.some((trial) => trial.n > n && !trial.holds) }
}

/** A lock is named by a stack, which not every step has. */
function nameLocks(points: ScalePoint[]): ScalePoint[] {
  const names = new Map<string, string>()
  for (const { lock } of points) {
    if (lock && lock.name.length > (names.get(keyOf(lock))?.length ?? 0)) names.set(keyOf(lock), lock.name)
  }
  return points.map((point) => {
    const { lock } = point
    return lock ? { ...point, lock: { ...lock, name: names.get(keyOf(lock)) ?? lock.name } } : point
  })
}

function keyOf({ pid, slot }: NonNullable<ScalePoint['lock']>): string {
  return `${pid} ${slot}`
}
