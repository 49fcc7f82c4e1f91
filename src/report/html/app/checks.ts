/** Every detector with what it said. */
import type { Report, ReportResult } from '../../model.ts'
import { isExplained, notChecked } from '../../quality.ts'
import { worstSeverity } from '../../ranked-findings.ts'
import { h, section, table } from './dom.ts'
import { findingLink } from './finding-link.ts'

const ORDER: Record<ReportResult['status'], number> = { found: 0, failed: 1, 'not-applicable': 2, clean: 3 }
const WORDS: Record<ReportResult['status'], string> = {
  found: 'found',
  failed: 'failed',
  'not-applicable': 'not checked',
  clean: 'clean',
}

/** The table of all results, what was found first. */
export function checksView(report: Report): HTMLElement {
  const reasons = new Map(notChecked(report).map(({ id, reason }) => [id, reason]))
  const rows = report.results
    .toSorted((a, b) => ORDER[a.status] - ORDER[b.status])
    .map(({ id, title, status, missing, findings }) =>
      h(
        'tr',
        { class: status },
        h(
          'td',
          {},
          h(
            'span',
            { class: `status ${status} ${worstSeverity(findings) ?? ''}` },
            isExplained({ status, missing }) ? 'explained' : WORDS[status],
          ),
        ),
        h('th', { scope: 'row' }, title),
        h('td', {}, h('code', {}, id)),
        h(
          'td',
          { class: 'quiet' },
          findings.length > 0
            ? findings.map((finding) => findingLink({ ...finding, title }))
            : (reasons.get(id) ?? missing.join(', ')),
        ),
      ),
    )
  return section('checks', 'All checks', table(['Result', 'Pattern', 'Id', ''], rows, { class: 'checks' }))
}
