/** One lock: why it counts as one, where threads waited for it, and who held it. */
import { formatMs, formatNumber, formatRatio } from '../../../units.ts'
import { formatQuantity } from '../../quantity.ts'
import type { ReportLock } from '../../ranked-locks.ts'
import { h, type Child } from './dom.ts'
import { frameOfStacks } from './flame-data.ts'
import { flamePane } from './flame-pane.ts'
import { stackView } from './stack.ts'

const MS_PER_SECOND = 1000
/** In place of stacks that were not captured. */
const ELSEWHERE = '(elsewhere)'

/** What stands in the panel. */
export function lockPanel(lock: ReportLock): HTMLElement[] {
  const { id, name, because, waiters, holders, waitSeconds } = lock
  const share = (seconds: number) => (waitSeconds > 0 ? seconds / waitSeconds : undefined)
  const stacks: Child[] = [
    waiters.map(({ stack, seconds }) => stackView(stack, { label: 'waited here', share: share(seconds), open: false })),
    holders.map(({ stack, share: held }) => stackView(stack, { label: 'held by', share: held, open: false })),
  ]
  const panes = [waitersPane(lock), holdersPane(lock)].filter((pane) => pane !== null)
  return [
    h('h3', {}, h('span', { class: 'handle' }, id), h('span', { class: 'name' }, name)),
    h('p', {}, because),
    ...holderLines(lock).map((line) => h('p', {}, line)),
    ...(panes.length > 0 ? [h('div', { class: 'panes' }, panes), h('div', {}, stacks)] : []),
  ]
}

/** Waits in ms, by the waiter's stack. */
function waitersPane({ waiters, waitSeconds }: ReportLock): HTMLElement | null {
  if (waiters.length === 0) return null
  const placed = waiters.map(({ stack, seconds }) => ({ stack, weight: seconds * MS_PER_SECOND }))
  const rest = waitSeconds * MS_PER_SECOND - placed.reduce((sum, { weight }) => sum + weight, 0)
  const all = rest > 1 ? [...placed, { stack: [ELSEWHERE], weight: rest }] : placed
  return flamePane(
    `Who waited, ${formatQuantity(waitSeconds * MS_PER_SECOND, 'ms')}`,
    frameOfStacks('waits', all),
    'ms',
  )
}

/** Holds in per cent, by what the holder was in while others waited. */
function holdersPane({ holders, holdMs }: ReportLock): HTMLElement | null {
  if (holders.length === 0) return null
  const each = holdMs === null || holdMs === undefined ? '' : `, ${formatMs(holdMs)} each time`
  const stacks = holders.map(({ stack, share }) => ({ stack, weight: share * 100 }))
  return flamePane(`Who held it${each}`, frameOfStacks('holds', stacks), '%')
}

/** What the holder was doing meanwhile, in words. */
function holderLines({ holderBlocked, writeShare, stuck }: ReportLock): string[] {
  const lines: string[] = []
  if (holderBlocked !== null) {
    const { share, in: call, behindLock = 0 } = holderBlocked
    const behind = behindLock > 0 ? `, behind another lock in ${formatRatio(behindLock)}` : ''
    lines.push(
      `Its holder was off CPU in ${formatRatio(share)} of the looks${call === '' ? '' : `, mostly in ${call}`}${behind}.`,
    )
  }
  if (typeof writeShare === 'number') lines.push(`${formatRatio(writeShare)} of the waits were to write.`)
  if (stuck) lines.push(`Nobody got it for the last ${formatNumber(stuck.seconds)} s.`)
  return lines
}
