/** The HTML comparison: reads what stands in the page and shows it. */
import { h, section, table } from '../../report/html/app/dom.ts'
import '../../report/html/app/styles/base.css'
import '../../report/html/app/styles/layout.css'
import '../../report/html/app/styles/tables.css'
import '../../report/html/app/styles/charts.css'
import '../../report/html/app/styles/print.css'
import './compare.css'
import type { ComparisonPage } from '../flame-diff.ts'
import { medianCell, shareText, verdictText } from '../set-cells.ts'
import type { SetComparison } from '../sets.ts'
import { diffFlamesView } from './diff-flames.ts'

// Our own renderer wrote it.
const { comparison, flames } = JSON.parse(document.getElementById('report')?.textContent ?? '') as ComparisonPage
document
  .getElementById('app')
  ?.append(
    headerView(comparison),
    h(
      'main',
      {},
      section('figures', 'What differs', rowsView(comparison)),
      section('findings', 'Findings', findingsView(comparison)),
      diffFlamesView(flames, comparison),
    ),
  )

function headerView({ before, after, pairs, rows, caveat }: SetComparison): HTMLElement {
  const count = (verdict: string) => rows.filter((row) => row.verdict === verdict).length
  const [worse, better] = [count('worse'), count('better')]
  const verdict =
    rows.length > 0 && rows.every((row) => row.verdict === 'too few runs')
      ? 'Too few runs to tell'
      : worse + better === 0
        ? 'No difference that the runs could tell'
        : `${better} better, ${worse} worse`
  return h(
    'header',
    { class: 'head' },
    h(
      'p',
      { class: 'brand' },
      h('strong', {}, 'holdup'),
      h('span', {}, `${pairs} ${pairs === 1 ? 'pair' : 'pairs'} of runs`),
    ),
    h('p', { class: 'command' }, `${before} · ${after}`),
    h('h1', { class: `verdict ${worse > 0 ? 'critical' : 'healthy'}` }, verdict),
    h('p', {}, caveat),
  )
}

function rowsView({ before, after, rows }: SetComparison): HTMLElement {
  const cells = rows.map((row) =>
    h(
      'tr',
      { class: row.verdict.replaceAll(' ', '-') },
      h('th', { scope: 'row' }, row.label),
      h('td', { class: 'number' }, medianCell(row.before, row.unit)),
      h('td', { class: 'number' }, medianCell(row.after, row.unit)),
      h('td', { class: 'said' }, verdictText(row)),
    ),
  )
  return table(['', before, after, 'change (where it lies)'], cells, { class: 'compared' })
}

function findingsView({ before, after, findings }: SetComparison): HTMLElement {
  if (findings.length === 0) return h('p', {}, 'No finding at warning or over in any run.')
  const cells = findings.map(({ id, title, before: a, after: b, fate }) =>
    h(
      'tr',
      { class: { gone: 'better', new: 'worse', stayed: 'stayed', unclear: 'no-difference' }[fate] },
      h('th', { scope: 'row' }, h('div', {}, title), h('code', {}, id)),
      h('td', {}, shareText(a)),
      h('td', {}, shareText(b)),
      h('td', { class: 'said' }, fate),
    ),
  )
  return table(['', before, after, ''], cells, { class: 'compared' })
}
