/** A flamegraph under a title of its own, without tools. */
import { h } from './dom.ts'
import { createFlameChart, type FlameChart } from './flame-chart.ts'
import type { Frame } from './flame-data.ts'
import { onResize } from './resize.ts'
import { onThemeChange } from './theme.ts'

/** The pane of a tree whose weights are in `unit`. */
export function flamePane(title: string, root: Frame, unit: string): HTMLElement {
  const details = h('p', { class: 'details', 'aria-live': 'polite' })
  const box = h('div', { class: 'flame' })
  let chart: FlameChart | undefined
  // It needs its place in the page to know how wide it is.
  onResize(box, () => (chart ? chart.fit() : (chart = createFlameChart(root, { box, details, unit, name: title }))))
  onThemeChange(() => chart?.fit())
  return h('div', { class: 'pane' }, h('h4', {}, title), details, box)
}
