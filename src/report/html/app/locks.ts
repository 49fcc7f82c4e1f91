/** The locks that were waited for, with who waited and who held them. */
import { formatMs, formatNumber } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { rankedLocks, type ReportLock } from '../../ranked-locks.ts'
import { h, section, table } from './dom.ts'
import { stackView } from './stack.ts'

/** The section, or null when nothing was waited for. */
export function locksView(report: Report): HTMLElement | null {
  const locks = rankedLocks(report)
  if (locks.length === 0) return null
  return section(
    'locks',
    'Locks',
    h('p', { class: 'lead' }, 'Most waited for first. Idle means parked until there is work: no contention.'),
    table(['Waited for', 'Role', 'Held up', 'Waits', 'Threads', 'p50', 'p99', 'Longest', 'Held'], locks.map(lockRow), {
      class: 'locks',
    }),
  )
}

function lockRow(lock: ReportLock): HTMLTableRowElement {
  const number = (text: string) => h('td', { class: 'number' }, text)
  return h(
    'tr',
    { class: lock.role },
    h('th', { scope: 'row' }, whatView(lock)),
    h('td', {}, h('span', { class: `role ${lock.role}` }, lock.role)),
    h('td', { class: 'number' }, h('b', {}, formatNumber(lock.heldUp))),
    number(lock.waits === null ? '–' : formatNumber(lock.waits)),
    number(formatNumber(lock.waiterThreads)),
    ...(['p50', 'p99', 'max'] as const).map((of) => number(lock.waitMs ? formatMs(lock.waitMs[of]) : '–')),
    number(lock.holdPerSecond === null ? '–' : `${formatNumber(lock.holdPerSecond)} s/s`),
  )
}

function whatView({ id, name, because, waiters, holders, waitSeconds }: ReportLock): HTMLElement {
  const share = (seconds: number) => (waitSeconds > 0 ? seconds / waitSeconds : undefined)
  return h(
    'details',
    { class: 'what' },
    h('summary', {}, h('span', { class: 'handle' }, id), h('span', { class: 'name' }, name)),
    h('p', {}, because),
    waiters.map(({ stack, seconds }) => stackView(stack, { label: 'waited here', share: share(seconds) })),
    holders.map(({ stack, share: held }) => stackView(stack, { label: 'held by', share: held })),
  )
}
