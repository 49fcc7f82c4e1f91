/** Thread time as stacked areas: how many threads were in each state at each moment; they add up to the threads alive. */
import uPlot from 'uplot'
import type { ThreadState } from '../../../analysis/signals.ts'
import { formatNumber } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { THREAD_STATES } from '../../thread-states.ts'
import { timeAxes, timeCursor } from './chart.ts'
import { h } from './dom.ts'
import { onResize } from './resize.ts'
import { onPick, pick, picked, type Picked, wholeOr } from './selection.ts'
import { colour, onThemeChange } from './theme.ts'
import { slideByKeys } from './time-keys.ts'

const HEIGHT = 200
const ALL = 'All threads'

type Series = NonNullable<Report['threadTimeSteps']>

/** The chart with a choice of groups, or null where thread time is not known by step. */
export function threadTimeChart({ steps, threadTimeSteps: groups, recording }: Report): HTMLElement | null {
  if (!steps || !groups || groups.length === 0 || steps.count < 2) return null
  const times = Array.from({ length: steps.count }, (_, i) => (steps.from + (i + 1) * steps.stepMs) / 1000)
  const states = THREAD_STATES.filter(({ id }) => groups.some(({ seconds }) => seconds[id]))
  const options = [ALL, ...groups.map(({ group }) => group)].map((name, i) => h('option', { value: String(i) }, name))
  const choice = h('select', { 'aria-label': 'Threads' }, options)
  const now = h('output', { class: 'states', 'aria-live': 'off' })
  const box = h('div', { class: 'areas', 'aria-label': 'Thread time by state over the recording' })

  /** Threads in each state at each step, of what is chosen. */
  const rates = (state: ThreadState): number[] => {
    const chosen: Series = choice.value === '0' ? groups : groups.slice(Number(choice.value) - 1, Number(choice.value))
    return times.map(
      (_, i) => chosen.reduce((sum, { seconds }) => sum + (seconds[state]?.[i] ?? 0), 0) / (steps.stepMs / 1000),
    )
  }
  /** Each state's upper edge, the outermost first, so that each area is drawn over those behind it. */
  const data = (): uPlot.AlignedData => {
    const edge = times.map(() => 0)
    const edges = states.map(({ id }) => rates(id).map((rate, i) => (edge[i] = (edge[i] ?? 0) + rate)))
    return [times, ...edges.toReversed()]
  }
  const say = ({ cursor: { idx }, data: shown }: uPlot): void => {
    const at = idx ?? null
    if (at === null) return void (now.textContent = '')
    const edges = shown.slice(1).toReversed()
    const parts = states.flatMap(({ label }, i) => {
      const rate = (edges[i]?.[at] ?? 0) - (edges[i - 1]?.[at] ?? 0)
      return rate >= 0.005 ? [`${label} ${rate.toFixed(2)}`] : []
    })
    now.textContent = `${formatNumber(times[at] ?? 0)} s: ${parts.join(', ')}`
  }
  const draw = (): void => {
    const size = () => ({ width: Math.max(240, box.clientWidth), height: HEIGHT })
    const plot = new uPlot(
      {
        ...size(),
        padding: [6, 18, 0, 0],
        legend: { show: false },
        cursor: timeCursor,
        scales: { x: { time: false }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.05 : 1] } },
        series: [
          {},
          ...states.toReversed().map(({ id }) => ({ fill: () => colour(id), width: 0, points: { show: false } })),
        ],
        axes: timeAxes(true, formatNumber),
        hooks: {
          setCursor: [say],
          setScale: [
            ({ scales: { x } }, key) => {
              if (key === 'x') pick(wholeOr([x?.min ?? 0, x?.max ?? 0], recording.seconds))
            },
          ],
        },
      },
      data(),
      box,
    )
    const show = (range: Picked) => plot.setScale('x', { min: range?.[0] ?? 0, max: range?.[1] ?? recording.seconds })
    show(picked())
    slideByKeys(plot, box, recording.seconds, () => now.textContent)
    choice.addEventListener('change', () => plot.setData(data(), false))
    choice.addEventListener('change', () => plot.redraw())
    onThemeChange(() => plot.redraw())
    onResize(box, () => plot.setSize(size()))
    onPick(show)
  }
  // It needs its place in the page to know how wide it is.
  requestAnimationFrame(draw)
  return h('div', {}, h('div', { class: 'tools' }, choice, now), box)
}
