/** The one sentence that a report begins with. */
import { formatMs, formatNumber } from '../units.ts'
import type { Report } from './model.ts'
import { count, formatSpread } from './quantity.ts'
import { isFault, type RankedFinding } from './ranked-findings.ts'

/** Findings of these detectors mean that the recording cannot bear a verdict on the target. */
const NO_VERDICT: ReadonlySet<string> = new Set(['recording-too-short', 'no-load'])

/** What costs most, or that nothing does, or why that cannot be said. `findings` in rank order. */
export function summarise(
  findings: readonly Pick<RankedFinding, 'id' | 'severity' | 'summary' | 'title' | 'handle'>[],
  signals: Pick<Report['signals'], 'http' | 'cpu' | 'lockWait'>,
): string {
  const faults = findings.filter(isFault)
  const obstacle = faults.find(({ id }) => NO_VERDICT.has(id))
  if (obstacle) return `No verdict: ${sentence(obstacle.summary)}`
  const [first, ...others] = faults
  if (!first) {
    const [note] = findings
    const known = note ? ` Worth knowing: ${note.title} (${note.handle}).` : ''
    return `Nothing at warning or over${pace(signals)}.${known}${signals.lockWait ? '' : ' Waits for locks could not be seen.'}`
  }
  const more = others.length === 0 ? '' : ` ${count(others.length, 'more finding')} at warning or over.`
  return `${sentence(first.summary)}${more}`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function pace({ http, cpu }: Pick<Report['signals'], 'http' | 'cpu'>): string {
  const facts: string[] = []
  if (http) {
    const { mean, stddev, p99 } = http.latencyMs
    facts.push(`${formatNumber(http.perSecond)} requests/s at ${formatSpread(mean, stddev)} (p99 ${formatMs(p99)})`)
  }
  if (cpu) facts.push(`${formatNumber(cpu.cores)} of ${formatNumber(cpu.available)} cores busy`)
  return facts.length === 0 ? '' : `: ${facts.join(', ')}`
}

/** True where the report's first sentence has said what the finding's own would say again. */
export function repeatsSummary(report: Pick<Report, 'summary'>, finding: Pick<RankedFinding, 'summary'>): boolean {
  return report.summary.includes(finding.summary)
}
