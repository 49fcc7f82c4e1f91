import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { renderComparisonHtml } from '../compare/html.ts'
import { renderSetMarkdown } from '../compare/set-markdown.ts'
import { compareSets, type ReportSet } from '../compare/sets.ts'
import { HoldupError } from '../errors.ts'

/** Writes `comparison.html`, `.md` and `.json` into the folder; says where, from the working folder. */
export function writeComparison(before: ReportSet, after: ReportSet, folder: string): { html: string } {
  const comparison = compareSets(before, after)
  try {
    writeFileSync(join(folder, 'comparison.json'), `${JSON.stringify(comparison, null, 2)}\n`)
    writeFileSync(join(folder, 'comparison.html'), renderComparisonHtml(before, after))
    writeFileSync(join(folder, 'comparison.md'), renderSetMarkdown(comparison))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new HoldupError(code === 'ENOSPC' ? 'disk-full' : 'output-not-writable', { path: folder, reason: message })
  }
  return { html: relative(process.cwd(), join(folder, 'comparison.html')) }
}
