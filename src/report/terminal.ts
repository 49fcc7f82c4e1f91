/** The report for a terminal, and for a log file when colour is off. */
import type { Report } from './model.ts'
import { isFault, rankedFindings } from './ranked-findings.ts'
import { figureLines } from './terminal/figures.ts'
import { findingBlocks } from './terminal/findings.ts'
import { lockLines } from './terminal/locks.ts'
import { createPage, wrap } from './terminal/page.ts'
import { recordingLines, targetLines, uncheckedLines } from './terminal/provenance.ts'
import { scaleLines } from './terminal/scale.ts'
import { seriesLines } from './terminal/series.ts'
import { threadTimeLines } from './terminal/thread-time.ts'

/**
 * The report as text of at most 80 columns, ending in a line break. Text from the target is stripped of control codes;
 * without `colour` it holds no escape at all.
 */
export function renderTerminal(report: Report, options: { colour: boolean; columns: number }): string {
  const page = createPage(options)
  const faulty = rankedFindings(report.results).some(isFault)
  const verdict = faulty ? page.ink.bold : page.ink.green.bold
  const sections = [
    targetLines(page, report),
    wrap(report.summary, page.columns).map((line) => verdict(line)),
    scaleLines(page, report),
    ...findingBlocks(page, report),
    // A healthy report stays short: these tables explain a fault.
    ...(faulty ? [seriesLines(page, report), threadTimeLines(page, report), lockLines(page, report)] : []),
    figureLines(page, report),
    uncheckedLines(page, report),
    recordingLines(page, report),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.map((line) => line.trimEnd()).join('\n')}\n`)
    .join('\n')
}
