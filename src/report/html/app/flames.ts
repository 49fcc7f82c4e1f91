/** Flamegraphs, of CPU by thread group and of waits, with search, zoom and the functions that cost most themselves. */
import { formatNumber, formatRatio } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { formatQuantity } from '../../quantity.ts'
import { treeWithin } from '../../time-steps.ts'
import { h, section, table } from './dom.ts'
import { flameBrowser } from './flame-browser.ts'
import { hottest, unpack } from './flame-data.ts'
import { type Drawn, wallClock } from './flame-wall.ts'
import { FRAME_KINDS, frameColour, frameKind } from './frame-kind.ts'
import { onPick, picked, type Picked } from './selection.ts'

const HOTTEST = 10

/** The section, or null where there is none; with `steps` it follows the stretch of time that is picked. */
export function flamesView({ flames, steps }: Pick<Report, 'flames' | 'steps'>): HTMLElement | null {
  if (flames.length === 0) return null
  const drawn = (flame: Report['flames'][number], range: Picked): Drawn => {
    const part = range && treeWithin(flame, steps, range)
    return { root: unpack({ frames: flame.frames, root: part ?? flame.root }), known: part !== null }
  }
  const choices = [
    ...flames.map((flame) => ({ ...flame, total: flame.root[2], draw: (range: Picked) => drawn(flame, range) })),
    ...wallClock(flames, drawn),
  ]
  const { tools, details, place, refresh } = flameBrowser(
    choices.map(({ name, unit, total }) => `${name}, ${formatQuantity(total, unit)}`),
    (index) => {
      const choice = choices[index]
      if (!choice) return null
      const range = picked()
      const { root, known } = choice.draw(range)
      const below = h(
        'div',
        {},
        range && h('p', { class: 'lead' }, rangeWords(range, known ? root.total : null)),
        hottestTable(root, choice.unit),
      )
      return { root, unit: choice.unit, below }
    },
  )
  onPick(refresh)
  return section('flames', 'Flamegraphs', tools, legendView(flames), details, place)
}

/** What the flamegraph is of. */
function rangeWords([from, to]: NonNullable<Picked>, total: number | null): string {
  if (total === null) return 'Of all that was judged: this one is not known by time.'
  const stretch = `${formatNumber(from)} to ${formatNumber(to)} s`
  return total === 0 ? `Nothing from ${stretch}, or it was not judged.` : `From ${stretch} alone.`
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
      h('td', { class: 'number' }, formatRatio(root.total > 0 ? self / root.total : 0)),
    ),
  )
  return table(['Most time in itself', '', ''], rows, { class: 'hottest' })
}
