/** Borderless tables. */
import Table from 'cli-table3'
import type { Page } from './page.ts'

const NO_BORDER = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '  ',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** A cell's text, or one that spans several columns. */
export type Cell = string | { content: string; colSpan: number }

/** Lines of a table; columns named in `left` are set flush left, numbers flush right. */
export function table(page: Page, head: readonly Cell[], rows: readonly string[][], left: readonly number[]): string[] {
  const columns = rows[0]?.length ?? head.length
  const drawn = new Table({
    chars: NO_BORDER,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: Array.from({ length: columns }, (_, column) => (left.includes(column) ? 'left' : 'right')),
  })
  const dim = (cell: Cell): Cell =>
    typeof cell === 'string' ? page.ink.dim(cell) : { ...cell, content: page.ink.dim(cell.content) }
  drawn.push(head.map(dim), ...rows)
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}
