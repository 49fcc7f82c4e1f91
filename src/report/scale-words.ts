/** The wording of what `holdup scale` found, the same for every view. */
import { formatNumber } from '../units.ts'
import type { Report } from './model.ts'
import { count } from './quantity.ts'

export type ReportScale = NonNullable<Report['scale']>

/** All steps, the fewest connections first. */
export function byConnections({ points }: ReportScale): ReportScale['points'] {
  return points.toSorted((a, b) => a.n - b.n)
}

/** The fitted law and what it predicts, by label; a note where it was not fitted. */
export function lawWords({ fit, points, limit }: ReportScale): { label: string; text: string }[] {
  if (!fit) return [{ label: 'law', text: 'not fitted: it takes four different numbers of connections at the least' }]
  const { lambda, sigma, kappa, intervals } = fit
  const within = ([low, high]: readonly [number, number]) => `(${short(low)}–${short(high)})`
  const words = [
    {
      label: 'law',
      text: `λ ${short(lambda)} ${within(intervals.lambda)} · σ ${short(sigma)} ${within(intervals.sigma)} · κ ${short(kappa)} ${within(intervals.kappa)} · R² ${formatNumber(fit.r2)}`,
    },
    { label: 'peak', text: peakWords(fit, Math.max(...points.map(({ n }) => n))) },
  ]
  const bound = limit.lock?.bound
  if (bound != null) words.push({ label: 'lock', text: `lets no more than ${formatNumber(bound)} requests/s through` })
  return words
}

function peakWords({ peak, intervals }: NonNullable<ReportScale['fit']>, most: number): string {
  if (peak === null) return 'none: throughput does not fall (κ is 0)'
  const where = `predicted at ${count(Math.round(peak), 'connection')}`
  if (intervals.kappa[0] <= 0) return `${where}, but κ may well be 0`
  return peak > most ? `${where}, past what was measured` : where
}

/** `34 connections hold p99<100ms`. */
export function capacityWords({ n, slo, isBound, trials }: NonNullable<ReportScale['capacity']>): string {
  const measured = `in ${count(trials, 'measurement')}`
  if (n === 0) return `none: not even 1 connection holds ${slo} (${measured})`
  return `${isBound ? '' : 'at least '}${count(n, 'connection')} ${n === 1 ? 'holds' : 'hold'} ${slo} (${measured})`
}

/** Three significant figures, with an exponent where there would be many zeros. */
function short(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : formatNumber(value)
}
