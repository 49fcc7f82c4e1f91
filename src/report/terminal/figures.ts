/** The key figures: label, value, and what belongs to it. */
import { keyFigures } from '../key-figures.ts'
import type { Report } from '../model.ts'
import { wrap, type Page } from './page.ts'

const LABEL = 12
const VALUE = 22

/** One figure a line, those that were not measured or of which nothing happened left out. */
export function figureLines(page: Page, report: Report): string[] {
  return keyFigures(report).flatMap(({ label, value, detail, source, quiet }) => {
    if (value === null || quiet) return []
    const room = page.columns - LABEL - VALUE
    const [first = '', ...more] = wrap([detail, source ?? ''].filter((part) => part !== '').join(' · '), room)
    const head = `${page.ink.dim(label.padEnd(LABEL))}${page.ink.bold(value.padEnd(VALUE))}`
    return [`${head}${first}`, ...more.map((line) => `${' '.repeat(LABEL + VALUE)}${line}`)]
  })
}
