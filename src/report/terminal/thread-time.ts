/** The thread-time table: groups by states, in seconds per second, with a small bar. */
import type { ThreadState } from '../../analysis/signals.ts'
import { formatNumber } from '../../units.ts'
import type { Report } from '../model.ts'
import { type GroupOrder, groupRates, THREAD_STATES, type GroupRates } from '../thread-states.ts'
import { fit, type Page } from './page.ts'
import { table } from './table.ts'

const BAR = 10
/** Width of `14.20`. */
const FIGURE = 5
const GROUPS = 8
/** A state is shown when any group spends this many threads in it. */
const VISIBLE = 0.005

const GLYPHS: Record<ThreadState, string> = {
  onCpu: '█',
  runnable: '▓',
  lockWait: '▒',
  ioWait: '~',
  sleeping: '-',
  idleWait: '·',
  unknown: '?',
}

/** Lines of the table, empty when nothing was measured. */
export function threadTimeLines(page: Page, report: Report, by: GroupOrder = 'cost'): string[] {
  const groups = groupRates(report, by).filter(({ total }) => total >= VISIBLE)
  if (groups.length === 0) return []
  const states = THREAD_STATES.filter(({ id }) => groups.some(({ rates }) => rates[id] >= VISIBLE))
  const widths = states.map(({ short }) => Math.max(short.length, FIGURE))
  const room = page.columns - BAR - 4 - widths.reduce((sum, width) => sum + width + 2, 0)
  const rows = groups
    .slice(0, GROUPS)
    .map((group) => [
      nameOf(group, room),
      ...states.map(({ id }) => figure(page, id, group.rates[id])),
      bar(page, group, states),
    ])
  const head = ['', ...states.map(({ short }) => short), '']
  const rest = groups.length - GROUPS
  return [
    page.ink.bold('Thread time') + page.ink.dim(', threads in each state on average (seconds per second)'),
    ...table(page, head, rows, [0, head.length - 1]),
    ...(rest > 0 ? [page.ink.dim(`  and ${rest} smaller groups`)] : []),
    page.ink.dim(`  ${states.map(({ id, label }) => `${GLYPHS[id]} ${label}`).join('  ')}`),
  ]
}

function nameOf({ group, threads }: GroupRates, room: number): string {
  const times = threads === 1 ? '' : ` ×${formatNumber(threads)}`
  return `${fit(group, Math.max(8, room - times.length))}${times}`
}

function figure(page: Page, state: ThreadState, rate: number): string {
  if (rate < VISIBLE) return page.ink.dim('0')
  const text = rate.toFixed(2)
  if (state === 'lockWait') return page.ink.red(text)
  return state === 'runnable' ? page.ink.yellow(text) : text
}

function bar(page: Page, { rates, total }: GroupRates, states: typeof THREAD_STATES): string {
  if (total <= 0) return ''
  let sum = 0
  let drawn = 0
  return states
    .map(({ id }) => {
      sum += rates[id]
      const end = Math.round((sum / total) * BAR)
      const piece = GLYPHS[id].repeat(end - drawn)
      drawn = end
      if (id === 'lockWait') return page.ink.red(piece)
      if (id === 'runnable') return page.ink.yellow(piece)
      return id === 'onCpu' ? page.ink.green(piece) : page.ink.dim(piece)
    })
    .join('')
}
