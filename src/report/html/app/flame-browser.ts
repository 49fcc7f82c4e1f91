/** A choice of flamegraphs, one of them drawn, with search, zoom and ways to look at it. */
import { h } from './dom.ts'
import { createFlameChart, type FlameChart } from './flame-chart.ts'
import type { Frame } from './flame-data.ts'
import { invert } from './flame-invert.ts'
import { onResize } from './resize.ts'
import { onThemeChange } from './theme.ts'

export interface FlameBrowser {
  tools: HTMLElement
  /** What is pointed at, in words. */
  details: HTMLElement
  /** The flamegraph and what stands below it. */
  place: HTMLElement
  /** Draws anew what is shown, from new data. */
  refresh: () => void
}

/** What is drawn: a tree, its unit, and what stands below it. */
export interface ShownFlame {
  root: Frame
  unit?: string
  below: HTMLElement
}

/** `show` gives the flamegraph of that index; `selects` are more choices that draw it anew; some can't be turned inside out. */
export function flameBrowser(
  names: readonly string[],
  show: (index: number) => ShownFlame | null,
  { selects = [], invertible = true }: { selects?: readonly HTMLSelectElement[]; invertible?: boolean } = {},
): FlameBrowser {
  const options = names.map((name, index) => h('option', { value: String(index) }, name))
  const choice = h('select', { 'aria-label': 'Flamegraph' }, options)
  const search = h('input', { type: 'search', placeholder: 'Search frames', 'aria-label': 'Search frames' })
  const reset = h('button', { type: 'button' }, 'Reset zoom')
  const details = h('p', { class: 'details', 'aria-live': 'polite' })
  const place = h('div', {})
  let chart: FlameChart | undefined

  const draw = (): void => {
    const index = Number(choice.value)
    const shown = show(index)
    if (!shown || place.clientWidth === 0) return
    const box = h('div', { class: 'flame' })
    place.replaceChildren(box, shown.below)
    const root = isPressed(inverted) ? invert(shown.root) : shown.root
    chart = createFlameChart(root, { box, details, unit: shown.unit ?? 'ms', name: names[index] ?? '' })
    chart.turn(isPressed(upward))
    if (search.value !== '') chart.search(search.value)
  }
  const inverted = toggle('Callers', 'From the functions that cost most themselves to those that called them', draw)
  const upward = toggle('Upside down', 'The outermost frame at the bottom', (on) => chart?.turn(on))
  for (const select of [choice, ...selects]) select.addEventListener('change', draw)
  search.addEventListener('input', () => chart?.search(search.value))
  reset.addEventListener('click', () => chart?.reset())
  // The first size it is told is the one it draws at: before that it is not in the page.
  onResize(place, () => (chart ? chart.fit() : draw()))
  onThemeChange(() => chart?.fit())
  const tools = h('div', { class: 'tools' }, choice, ...selects, search, reset, invertible && inverted, upward)
  return { tools, details, place, refresh: draw }
}

function toggle(label: string, title: string, act: (on: boolean) => void): HTMLButtonElement {
  const button = h('button', { type: 'button', 'aria-pressed': 'false', title }, label)
  button.addEventListener('click', () => {
    const on = !isPressed(button)
    button.setAttribute('aria-pressed', String(on))
    act(on)
  })
  return button
}

function isPressed(button: HTMLElement): boolean {
  return button.getAttribute('aria-pressed') === 'true'
}
