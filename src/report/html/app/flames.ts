/** CPU flamegraphs by thread group, with search, zoom and the functions that cost most themselves. */
import { formatMs, formatRatio } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { h, section, table } from './dom.ts'
import { createFlameChart, type FlameChart } from './flame-chart.ts'
import { hottest, unpack } from './flame-data.ts'
import { onResize } from './resize.ts'
import { FRAME_KINDS, frameColour, frameKind } from './frame-kind.ts'

const HOTTEST = 10

/** The section, or null when there was no CPU profile. */
export function flamesView(report: Report): HTMLElement | null {
  const { flames } = report
  if (flames.length === 0) return null
  const choice = h(
    'select',
    { 'aria-label': 'Thread group' },
    flames.map(({ name, root }, index) => h('option', { value: String(index) }, `${name}, ${formatMs(root[2])}`)),
  )
  const search = h('input', { type: 'search', placeholder: 'Search frames', 'aria-label': 'Search frames' })
  const reset = h('button', { type: 'button' }, 'Reset zoom')
  const details = h('p', { class: 'details', 'aria-live': 'polite' })
  const place = h('div', {})
  let chart: FlameChart | undefined

  const draw = (): void => {
    const flame = flames[Number(choice.value)]
    if (!flame) return
    const root = unpack(flame)
    const box = h('div', { class: 'flame' })
    place.replaceChildren(box, hottestTable(root))
    chart = createFlameChart(root, { box, details })
    if (search.value !== '') chart.search(search.value)
  }
  choice.addEventListener('change', draw)
  search.addEventListener('input', () => chart?.search(search.value))
  reset.addEventListener('click', () => chart?.reset())
  // The first size it is told is the one it draws at: before that it is not in the page.
  onResize(place, () => (chart ? chart.fit() : draw()))

  return section(
    'flames',
    'CPU flamegraph',
    h('div', { class: 'tools' }, choice, search, reset),
    legendView(flames),
    details,
    place,
  )
}

/** The kinds of code that are in any of the flamegraphs. */
function legendView(flames: Report['flames']): HTMLElement {
  const present = new Set(flames.flatMap(({ frames }) => frames.map((frame) => frameKind(frame))))
  const items = FRAME_KINDS.filter(({ id }) => present.has(id)).map(({ id, label }) => {
    const swatch = h('i', { class: 'swatch' })
    swatch.style.background = frameColour('', id)
    return h('li', {}, swatch, h('span', {}, label))
  })
  return h('ul', { class: 'legend' }, items)
}

function hottestTable(root: ReturnType<typeof unpack>): HTMLElement {
  const rows = hottest(root, HOTTEST).map(({ name, self }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, h('code', {}, name)),
      h('td', { class: 'number' }, formatMs(self)),
      h('td', { class: 'number' }, formatRatio(root.v > 0 ? self / root.v : 0)),
    ),
  )
  return table(['Most time in itself', '', ''], rows, { class: 'hottest' })
}
