/** Key figures: the few that everybody asks for first, and all of them. */
import { keyFigures, type KeyFigure } from '../../key-figures.ts'
import type { Report } from '../../model.ts'
import { h, section } from './dom.ts'

/** In the head of the page. */
const FIRST = new Set(['latency', 'throughput', 'cpu', 'memory', 'lockWait', 'threads'])

/** The strip under the verdict; null when nothing was measured. */
export function firstFiguresView(report: Report): HTMLElement | null {
  const first = keyFigures(report).filter(({ id, value }) => FIRST.has(id) && value !== null)
  return first.length === 0 ? null : h('dl', { class: 'figures strip' }, first.map(figureView))
}

/** All figures, those that were not measured too. */
export function figuresView(report: Report): HTMLElement {
  return section('figures', 'Key figures', h('dl', { class: 'figures' }, keyFigures(report).map(figureView)))
}

function figureView({ label, value, detail, source }: KeyFigure): HTMLElement {
  const facts = detail.split(' · ').filter((fact) => fact !== '')
  return h(
    'div',
    { class: value === null ? 'missing' : 'measured' },
    h('dt', {}, label, source !== null && h('small', {}, source)),
    h(
      'dd',
      {},
      h('b', {}, value ?? 'not measured'),
      h(
        'ul',
        {},
        facts.map((fact) => h('li', {}, fact)),
      ),
    ),
  )
}
