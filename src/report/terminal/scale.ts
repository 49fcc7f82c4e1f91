/** What `holdup scale` measured: the limit in words, a row a step with its throughput as a bar, the law, the capacity. */
import { formatMs, formatNumber, formatRatio } from '../../units.ts'
import type { Report } from '../model.ts'
import { byConnections, capacityWords, lawWords, type ReportScale } from '../scale-words.ts'
import { entry, fit, wrap, type Page } from './page.ts'
import { table } from './table.ts'

const BAR = 24
const LABEL = { indent: 2, label: 10 }

/** Empty for other recordings. */
export function scaleLines(page: Page, { scale }: Report): string[] {
  if (!scale) return []
  return [
    page.ink.bold('Scale') + page.ink.dim(`, ended by ${fit(scale.ended, 40)}`),
    ...wrap(scale.limit.summary, page.columns - 2).map((line) => `  ${line}`),
    ...stepTable(page, scale),
    ...lawWords(scale).flatMap(({ label, text }) => entry(page, label, text, LABEL)),
    ...(scale.capacity ? entry(page, 'capacity', capacityWords(scale.capacity), LABEL) : []),
  ]
}

function stepTable(page: Page, scale: ReportScale): string[] {
  const points = byConnections(scale)
  const most = Math.max(...points.map(({ perSecond }) => perSecond))
  const rows = points.map(({ n, perSecond, latencyMs, errorShare, cores, lock, holds, clientBusy }) => [
    `${formatNumber(n)}${holds === false ? ' ✗' : '  '}`,
    formatNumber(perSecond),
    bar(perSecond / most),
    formatMs(latencyMs.p99),
    cores === null ? '–' : formatNumber(cores),
    lock === null ? '–' : formatNumber(lock.heldUp),
    clientBusy ? 'client' : errorShare > 0 ? formatRatio(errorShare) : '',
  ])
  return table(page, ['N  ', 'req/s', '', 'p99', 'cores', 'held up', ''], rows, [2])
}

/** Eighths of a character fill it. */
function bar(share: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * BAR * 8)
  const rest = eighths % 8
  return `${'█'.repeat(Math.floor(eighths / 8))}${rest > 0 ? '▏▎▍▌▋▊▉'[rest - 1] : ''}`.padEnd(BAR)
}
