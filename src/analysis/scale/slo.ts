import type { Milliseconds, Ratio } from '../../units.ts'
import { errorShareOf } from '../http.ts'
import type { Http } from '../signals.ts'

const FIGURES = ['mean', 'p50', 'p90', 'p99', 'max'] as const
const UNITS = { us: 0.001, ms: 1, s: 1000 }

/** A limit that a latency must stay under. */
export interface Slo {
  figure: (typeof FIGURES)[number]
  ms: Milliseconds
}

/** `p99<100ms`, also of mean, p50, p90 and max, in us, ms or s; null for anything else. */
export function parseSlo(text: string): Slo | null {
  const [, figure, number, unit] = /^(mean|p50|p90|p99|max)\s*<\s*(\d+(?:\.\d+)?)\s*(us|ms|s)$/.exec(text.trim()) ?? []
  const of = FIGURES.find((name) => name === figure)
  const ms = Number(number) * UNITS[(unit ?? 'ms') as keyof typeof UNITS]
  return of && ms > 0 ? { figure: of, ms } : null
}

/** Whether requests were answered within it, and no more of them failed than may. */
export function holdsSlo(http: Http, { figure, ms }: Slo, maxErrors: Ratio): boolean {
  return http.requests > 0 && http.latencyMs[figure] < ms && errorShareOf(http) <= maxErrors
}
