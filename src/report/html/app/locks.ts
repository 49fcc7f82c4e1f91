/** The locks that were waited for; the one that is picked with who waited, who held it and what they were doing. */
import { formatMs, formatNumber } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { rankedLocks, type ReportLock } from '../../ranked-locks.ts'
import { h, section, table } from './dom.ts'
import { lockPanel } from './lock-panel.ts'

/** Of the event by which the rest of the page picks a lock. */
const PICK = 'holdup-pick-lock'

/** The section, or null when nothing was waited for. */
export function locksView(report: Report): HTMLElement | null {
  const locks = rankedLocks(report)
  const [first] = locks
  if (!first) return null
  const panel = h('div', { class: 'lock-panel', 'aria-live': 'polite' })
  const buttons = new Map(locks.map((lock) => [lock.id, pickButton(lock)]))
  const pick = (lock: ReportLock): void => {
    for (const [id, button] of buttons) button.setAttribute('aria-pressed', String(id === lock.id))
    panel.replaceChildren(...lockPanel(lock))
  }
  for (const lock of locks) buttons.get(lock.id)?.addEventListener('click', () => pick(lock))
  document.addEventListener(PICK, (event) => {
    const lock = locks.find(({ id }) => id === (event as CustomEvent<string>).detail)
    if (lock) pick(lock)
  })
  pick(first)
  return section(
    'locks',
    'Locks',
    h('p', { class: 'lead' }, 'Most waited for first. Idle means parked until there is work: no contention.'),
    table(
      ['Waited for', 'Role', 'Held up', 'Waits', 'Threads', 'p50', 'p99', 'Longest', 'Held'],
      locks.map((lock) => lockRow(lock, buttons.get(lock.id) ?? pickButton(lock))),
      { class: 'locks' },
    ),
    panel,
  )
}

/** A link to the table of locks that picks this one. */
export function lockLink(id: string): HTMLElement {
  const link = h('a', { href: '#locks' }, id)
  link.addEventListener('click', () => document.dispatchEvent(new CustomEvent(PICK, { detail: id })))
  return link
}

function pickButton({ id, name }: ReportLock): HTMLButtonElement {
  const words = [h('span', { class: 'handle' }, id), h('span', { class: 'name' }, name)]
  return h('button', { type: 'button', class: 'pick', 'aria-pressed': 'false' }, words)
}

function lockRow(lock: ReportLock, button: HTMLButtonElement): HTMLTableRowElement {
  const number = (text: string) => h('td', { class: 'number' }, text)
  return h(
    'tr',
    { class: lock.role },
    h('th', { scope: 'row' }, button),
    h('td', {}, h('span', { class: `role ${lock.role}` }, lock.role)),
    h('td', { class: 'number' }, h('b', {}, formatNumber(lock.heldUp))),
    number(lock.waits === null ? '–' : formatNumber(lock.waits)),
    number(formatNumber(lock.waiterThreads)),
    ...(['p50', 'p99', 'max'] as const).map((of) => number(lock.waitMs ? formatMs(lock.waitMs[of]) : '–')),
    number(lock.holdPerSecond === null ? '–' : `${formatNumber(lock.holdPerSecond)} s/s`),
  )
}
