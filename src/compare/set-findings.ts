/** Which findings came and went between two sets of runs. */
import type { Report, ReportFinding } from '../report/model.ts'
import { isFault, isJudged, rankedFindings } from '../report/ranked-findings.ts'
import type { Ratio } from '../units.ts'
import { fisherExact } from './fisher.ts'

type Severity = ReportFinding['severity']

/** How often one set had a finding at warning or over, and its worst severity there. */
export interface Share {
  found: number
  runs: number
  severity: Severity | null
}

export interface SetFinding {
  id: string
  title: string
  before: Share
  after: Share
  /** `unclear`: the shares differ no more than by chance, and it is not in most runs of both. */
  fate: 'gone' | 'new' | 'stayed' | 'unclear'
}

/**
 * Findings at warning or over in any run, those of the most runs first. Gone or new is what Fisher's exact test says of
 * the two shares, corrected over the findings (Bonferroni) to `falseTables` of all tables.
 */
export function compareFindings(before: readonly Report[], after: readonly Report[], falseTables: Ratio): SetFinding[] {
  const sets = [before, after].map((reports) =>
    reports.map(({ results }) => ({ results, faults: rankedFindings(results).filter(isFault) })),
  )
  const titles = new Map(sets.flat().flatMap(({ faults }) => faults.map(({ id, title }) => [id, title])))
  const alpha = falseTables / Math.max(1, titles.size)
  return [...titles]
    .map(([id, title]) => {
      const [a, b] = sets.map((runs) => {
        // A run that could not judge it says nothing of it.
        const judged = runs.filter(({ results }) => isJudged(results.find((result) => result.id === id)))
        return shareOf(judged.map(({ faults }) => faults.filter((each) => each.id === id)))
      })
      return a && b ? [{ id, title, before: a, after: b, fate: fateOf(a, b, alpha) }] : []
    })
    .flat()
    .toSorted((a, b) => b.before.found + b.after.found - a.before.found - a.after.found)
}

function shareOf(runs: readonly (readonly { severity: Severity }[])[]): Share {
  const severities = runs.flatMap((findings) => findings.map(({ severity }) => severity))
  return {
    found: runs.filter((findings) => findings.length > 0).length,
    runs: runs.length,
    severity: severities.includes('critical') ? 'critical' : (severities[0] ?? null),
  }
}

function fateOf(a: Share, b: Share, alpha: Ratio): SetFinding['fate'] {
  if (fisherExact(a.found, a.runs, b.found, b.runs) <= alpha)
    return a.found / a.runs > b.found / b.runs ? 'gone' : 'new'
  return a.found * 2 > a.runs && b.found * 2 > b.runs ? 'stayed' : 'unclear'
}
