import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { renderComparisonHtml } from '../compare/html.ts'
import { renderSetMarkdown } from '../compare/set-markdown.ts'
import { compareSets, type ReportSet } from '../compare/sets.ts'
import { writeError } from '../recording/write-error.ts'

/** Writes `comparison.html`, `.md` and `.json` into the folder; says where, from the working folder. */
export function writeComparison(before: ReportSet, after: ReportSet, folder: string): { html: string } {
  const comparison = compareSets(before, after)
  try {
    writeFileSync(join(folder, 'comparison.json'), `${JSON.stringify(comparison, null, 2)}\n`)
    writeFileSync(join(folder, 'comparison.html'), renderComparisonHtml(before, after))
    writeFileSync(join(folder, 'comparison.md'), renderSetMarkdown(comparison))
  } catch (error) {
    throw writeError(folder, error)
  }
  return { html: relative(process.cwd(), join(folder, 'comparison.html')) }
}
