/** One flamegraph, drawn by d3-flame-graph. */
import flamegraph, { type FlameNode } from 'd3-flame-graph'
import { select } from 'd3-selection'
import { formatRatio } from '../../../units.ts'
import { formatQuantity } from '../../quantity.ts'
import type { Frame } from './flame-data.ts'
import { moveByKeys } from './flame-keys.ts'
import { frameColour } from './frame-kind.ts'

const ROW = 20
/** Frames under half a pixel cannot be seen. */
const NARROWEST = 0.5

/** A drawn flamegraph. */
export interface FlameChart {
  search(term: string): void
  reset(): void
  fit(): void
}

/** Draws into `box`; what the pointer or the keyboard is on is told in `details`, as is the share of a search. */
export function createFlameChart(
  root: Frame,
  { box, details, unit }: { box: HTMLElement; details: HTMLElement; unit: string },
): FlameChart {
  const say = ({ data }: FlameNode<Frame>): string =>
    data.note ??
    `${data.n}: ${formatQuantity(data.v, unit)}, ${formatRatio(root.v > 0 ? data.v / root.v : 0)} (itself ${formatQuantity(data.self, unit)})`
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const chart = flamegraph<Frame>()
    .width(box.clientWidth)
    .cellHeight(ROW)
    .minFrameSize(NARROWEST)
    .transitionDuration(still ? 0 : 180)
    .inverted(true)
    .sort(true)
    .title('')
    .setLabelHandler(say)
    .setColorMapper(({ data, highlight }) => (highlight === true ? 'var(--found)' : (data.tint ?? frameColour(data.n))))
    .setDetailsElement(details)
    // As text, not as the regular expression it would be by default: a name is full of brackets.
    .setSearchMatch(({ data }, term) => data.n.toLowerCase().includes(term.toLowerCase()))
    .setSearchHandler((found) => {
      const sum = outermost(found).reduce((total, { data }) => total + data.v, 0)
      details.textContent = `${found.length} frames, ${formatRatio(root.v > 0 ? sum / root.v : 0)} ${unit === 'ms' ? 'of the time' : 'of all'}`
    })
  select(box).datum(root).call(chart)
  settle(box)
  moveByKeys(box, details, say)
  return {
    search: (term) => (term === '' ? chart.clear() : chart.search(term)),
    reset: () => chart.resetZoom(),
    fit: () => {
      chart.width(box.clientWidth).update()
      settle(box)
    },
  }
}

/** Puts frames at once where their transitions would: a page in the background or on paper runs none. */
function settle(box: HTMLElement): void {
  for (const frame of box.querySelectorAll('g.frame')) {
    frame.querySelector('rect')?.setAttribute('width', frame.getAttribute('width') ?? '0')
    const label = frame.querySelector('.d3-flame-graph-label')
    if (label) label.textContent = frame.getAttribute('name')
  }
}

/** Recursion counts once. */
function outermost(found: readonly FlameNode<Frame>[]): FlameNode<Frame>[] {
  const all = new Set(found)
  return found.filter((node) => {
    for (let above = node.parent; above; above = above.parent) if (all.has(above)) return false
    return true
  })
}
