/** A chart over time by keyboard, as a slider: arrows move its cursor, with Shift they mark a stretch, Enter picks it, Escape shows all. */
import type uPlot from 'uplot'
import { formatNumber, type Seconds } from '../../../units.ts'
import { pick } from './selection.ts'

/** Told wherever a time chart says how to use it. */
export const TIME_KEYS = 'by keyboard Shift and the arrows mark, Enter picks, Escape shows all'

/** Steps of the cursor from one end to the other. */
const ACROSS = 40
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }

/** With the third argument that uPlot's types leave out: whether the cursor moves in all charts. */
interface Everywhere extends uPlot {
  setCursor(at: { left: number; top: number }, tell?: boolean, everywhere?: boolean): void
}

/** Puts the chart's element in the tab order; `said` is what the chart tells of where its cursor is. */
export function slideByKeys(plot: uPlot, element: HTMLElement, seconds: Seconds, said: () => string): void {
  const chart: Everywhere = plot
  let at: Seconds | null = null
  let anchor: Seconds | null = null

  const shown = (): [Seconds, Seconds] => [plot.scales['x']?.min ?? 0, plot.scales['x']?.max ?? seconds]
  const tell = (): void => {
    const [min, max] = shown()
    const now = at ?? (min + max) / 2
    element.setAttribute('aria-valuenow', now.toFixed(3))
    element.setAttribute('aria-valuetext', at === null ? 'no moment chosen' : `${formatNumber(now)} s: ${said()}`)
  }
  const mark = (): void => {
    const [left, right] = [at, anchor ?? at].map((time) => plot.valToPos(time ?? 0, 'x')).toSorted((a, b) => a - b)
    const width = anchor === null ? 0 : (right ?? 0) - (left ?? 0)
    plot.setSelect({ left: left ?? 0, width, top: 0, height: plot.over.clientHeight }, false)
  }
  const move = (step: number, extend: boolean): void => {
    const [min, max] = shown()
    const before = at === null || at < min || at > max ? (min + max) / 2 : at
    anchor = extend ? (anchor ?? before) : null
    at = Math.min(max, Math.max(min, before + (step * (max - min)) / ACROSS))
    chart.setCursor({ left: plot.valToPos(at, 'x'), top: 0 }, true, true)
    mark()
    tell()
  }

  element.tabIndex = 0
  element.setAttribute('role', 'slider')
  element.setAttribute('aria-valuemin', '0')
  element.setAttribute('aria-valuemax', seconds.toFixed(3))
  tell()
  element.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const step = STEPS[event.key]
    if (step !== undefined) move(step, event.shiftKey)
    else if (event.key === 'Enter' && at !== null && anchor !== null && at !== anchor) {
      const stretch = [Math.min(at, anchor), Math.max(at, anchor)] as const
      anchor = null
      mark()
      pick(stretch)
    } else if (event.key === 'Escape') {
      anchor = null
      mark()
      pick(null)
    } else return
    event.preventDefault()
  })
}
