/** A profile file on a terminal: the functions that cost most themselves. */
import type { WeighedTree } from '../../stacks/read/read-profile.ts'
import { formatRatio } from '../../units.ts'
import { hotFunctions } from '../profile.ts'
import { formatQuantity } from '../quantity.ts'
import { createPage, fit, fitFrame, spread } from './page.ts'
import { table } from './table.ts'

const SHOWN = 15
/** Of a row, beside the frame: the weight, the share, and what stands between them. */
const NUMBERS_COLUMNS = 26

/** Of the first of its trees, the one that its format shows. */
export function renderProfile(
  file: string,
  [first]: readonly WeighedTree[],
  options: { colour: boolean; columns: number },
): string {
  const page = createPage(options)
  if (!first) return ''
  const { name, unit, tree } = first
  const rows = hotFunctions(tree, SHOWN).map(({ frame, self }) => [
    formatQuantity(self, unit),
    formatRatio(self / tree.total),
    fitFrame(frame, page.columns - NUMBERS_COLUMNS),
  ])
  const title = `${page.ink.bold('holdup')}  ${fit(file, page.columns - NUMBERS_COLUMNS)}`
  return [
    spread(page, title, `${name} ${formatQuantity(tree.total, unit)}`.trim()),
    '',
    ...table(page, ['itself', '', 'function'], rows, [2]),
    '',
  ].join('\n')
}
