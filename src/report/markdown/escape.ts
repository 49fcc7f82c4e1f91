/** Text from a target inside Markdown: it can neither format, link, mention nor hold HTML. */
import { plainText } from '../plain-text.ts'

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
/** Zero-width space: keeps GitHub from making a mention, an issue or a link of what follows. */
const SPLIT = '\u200b'

/** Prose: punctuation with a meaning in Markdown escaped, @mentions, #issues and bare links broken. */
export function escapeMarkdown(text: string): string {
  return plainText(text, 1000)
    .replace(/[\\`*_[\]#|~$]/g, '\\$&')
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? '')
    .replace(/[@#]/g, `$&${SPLIT}`)
    .replace(/:\/\//g, `:${SPLIT}//`)
    .replace(/\b(www|gh)(?=[.-])/gi, `$1${SPLIT}`)
    .replace(/^(\d*)(?=[-+=] |[.)](?: |$))/, '$1\\')
}

/** A code span, fenced by more backticks than the text holds in a row. `cell`: inside a table, where `|` ends a cell. */
export function codeSpan(text: string, options: { cell?: boolean } = {}): string {
  const plain = plainText(text)
  if (plain === '') return ''
  const longest = longestRun(plain)
  const fence = '`'.repeat(longest + 1)
  const padded = longest > 0 ? ` ${plain} ` : plain
  return `${fence}${options.cell === true ? padded.replaceAll('|', '\\|') : padded}${fence}`
}

/** A fenced block of such lines, its fence longer than any run of backticks in it. */
export function codeBlock(lines: readonly string[]): string[] {
  const plain = lines.map((line) => plainText(line))
  const fence = '`'.repeat(Math.max(3, longestRun(plain.join('\n')) + 1))
  return [fence, ...plain, fence]
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)
}

/** A table of ready cells; columns in `right` are numbers. */
export function markdownTable(head: readonly string[], rows: readonly string[][], right: readonly number[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, column) => (right.includes(column) ? '---:' : '---'))), ...rows.map(line)]
}
