/** A choice of flamegraphs, one of them drawn, with search and zoom. */
import { h } from './dom.ts'
import { createFlameChart, type FlameChart } from './flame-chart.ts'
import type { Frame } from './flame-data.ts'
import { onResize } from './resize.ts'

export interface FlameBrowser {
  tools: HTMLElement
  /** What is pointed at, in words. */
  details: HTMLElement
  /** The flamegraph and what stands below it. */
  place: HTMLElement
}

/** `show` gives the flamegraph of that index and its table; `selects` are more choices that draw it anew. */
export function flameBrowser(
  names: readonly string[],
  show: (index: number) => { root: Frame; unit?: string; below: HTMLElement } | null,
  selects: readonly HTMLSelectElement[] = [],
): FlameBrowser {
  const options = names.map((name, index) => h('option', { value: String(index) }, name))
  const choice = h('select', { 'aria-label': 'Thread group' }, options)
  const search = h('input', { type: 'search', placeholder: 'Search frames', 'aria-label': 'Search frames' })
  const reset = h('button', { type: 'button' }, 'Reset zoom')
  const details = h('p', { class: 'details', 'aria-live': 'polite' })
  const place = h('div', {})
  let chart: FlameChart | undefined

  const draw = (): void => {
    const shown = show(Number(choice.value))
    if (!shown) return
    const box = h('div', { class: 'flame' })
    place.replaceChildren(box, shown.below)
    chart = createFlameChart(shown.root, { box, details, unit: shown.unit ?? 'ms' })
    if (search.value !== '') chart.search(search.value)
  }
  for (const select of [choice, ...selects]) select.addEventListener('change', draw)
  search.addEventListener('input', () => chart?.search(search.value))
  reset.addEventListener('click', () => chart?.reset())
  // The first size it is told is the one it draws at: before that it is not in the page.
  onResize(place, () => (chart ? chart.fit() : draw()))
  return { tools: h('div', { class: 'tools' }, choice, ...selects, search, reset), details, place }
}
