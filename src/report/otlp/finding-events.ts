import type { Report } from '../model.ts'
import { isFault, type RankedFinding, rankedFindings } from '../ranked-findings.ts'

/** A finding is gone when it is missing so many windows in a row: those near a limit come and go. */
const GONE_AFTER = 2

/** That a finding was not there before, or is there no longer. */
export interface FindingEvent {
  happened: 'appeared' | 'gone'
  finding: RankedFinding
}

/** Follows the findings, at warning or over, from window to window. */
export class FindingEvents {
  readonly #known = new Map<string, { finding: RankedFinding; missing: number }>()

  /** What is new in this window, and what is gone. */
  observe(report: Report): FindingEvent[] {
    const present = new Map(
      rankedFindings(report.results)
        .filter(isFault)
        .map((finding) => [keyOf(finding, report), finding]),
    )
    const events: FindingEvent[] = []
    for (const [key, finding] of present) {
      if (!this.#known.has(key)) events.push({ happened: 'appeared', finding })
      this.#known.set(key, { finding, missing: 0 })
    }
    for (const [key, known] of this.#known) {
      if (present.has(key) || ++known.missing < GONE_AFTER) continue
      this.#known.delete(key)
      events.push({ happened: 'gone', finding: known.finding })
    }
    return events
  }
}

/** Handles and numbers are of one window; the pattern and the locks that it is about stay. */
function keyOf({ id, locks = [] }: RankedFinding, report: Report): string {
  const names = locks.map((lock) => report.locks.find(({ id }) => id === lock)?.name ?? '')
  return JSON.stringify([id, ...names.toSorted()])
}
