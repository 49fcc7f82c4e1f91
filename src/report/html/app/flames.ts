/** Flamegraphs, of CPU by thread group and of waits, with search, zoom and the functions that cost most themselves. */
import { formatRatio } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { formatQuantity } from '../../quantity.ts'
import { h, section, table } from './dom.ts'
import { flameBrowser } from './flame-browser.ts'
import { hottest, unpack } from './flame-data.ts'
import { FRAME_KINDS, frameColour, frameKind } from './frame-kind.ts'

const HOTTEST = 10

/** The section, or null where there is none. */
export function flamesView({ flames }: Pick<Report, 'flames'>): HTMLElement | null {
  if (flames.length === 0) return null
  const { tools, details, place } = flameBrowser(
    flames.map(({ name, unit, root }) => `${name}, ${formatQuantity(root[2], unit)}`),
    (index) => {
      const flame = flames[index]
      if (!flame) return null
      const root = unpack(flame)
      return { root, unit: flame.unit, below: hottestTable(root, flame.unit) }
    },
  )
  return section('flames', 'Flamegraphs', tools, legendView(flames), details, place)
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

function hottestTable(root: ReturnType<typeof unpack>, unit: string): HTMLElement {
  const rows = hottest(root, HOTTEST).map(({ name, self }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, h('code', {}, name)),
      h('td', { class: 'number' }, formatQuantity(self, unit)),
      h('td', { class: 'number' }, formatRatio(root.v > 0 ? self / root.v : 0)),
    ),
  )
  return table(['Most time in itself', '', ''], rows, { class: 'hottest' })
}
