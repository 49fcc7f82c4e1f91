/** A comparison of two sets as one HTML file, with the differential flamegraph. */
import { renderPage } from '../report/html/render.ts'
import { type ComparisonPage, diffFlames } from './flame-diff.ts'
import { compareSets, type ReportSet } from './sets.ts'

/** The page, which needs no network. Throws when the build has not been run. */
export function renderComparisonHtml(before: ReportSet, after: ReportSet): string {
  const page: ComparisonPage = {
    comparison: compareSets(before, after),
    flames: diffFlames(before.reports, after.reports),
  }
  return renderPage(page, {
    app: 'compare',
    title: `holdup: ${before.name} · ${after.name}`,
    summary: 'comparison.md beside this file reads without scripts.',
  })
}
