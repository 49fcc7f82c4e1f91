/** A pattern's page of docs/detectors as blocks: as much of Markdown as these pages use. */

/** A piece of a page; `text` may hold inline marks. */
export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'code'; text: string }
  | { kind: 'table'; head: string[]; rows: string[][] }

/** The page without its title, which the finding has already. */
export function pageBlocks(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.replaceAll(/<!--.*?-->\n?/gs, '').split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const last = blocks.at(-1)
    if (line.startsWith('```')) {
      const end = lines.findIndex((other, at) => at > i && other.startsWith('```'))
      const until = end < 0 ? lines.length : end
      blocks.push({ kind: 'code', text: lines.slice(i + 1, until).join('\n') })
      i = until
    } else if (/^#+ /.test(line)) {
      if (!line.startsWith('# ')) blocks.push({ kind: 'heading', text: line.replace(/^#+ /, '') })
    } else if (line.startsWith('|')) {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      if (last?.kind !== 'table' || lines[i - 1] === '') blocks.push({ kind: 'table', head: cells, rows: [] })
      else if (!cells.every((cell) => /^-+:?$/.test(cell))) last.rows.push(cells)
    } else if (line.startsWith('- ')) {
      if (last?.kind === 'list' && lines[i - 1] !== '') last.items.push(line.slice(2))
      else blocks.push({ kind: 'list', items: [line.slice(2)] })
    } else if (line.trim() !== '') {
      const goesOn = (lines[i - 1] ?? '') !== ''
      if (goesOn && last?.kind === 'paragraph') last.text += ` ${line.trim()}`
      else if (goesOn && last?.kind === 'list') last.items.push(`${last.items.pop()} ${line.trim()}`)
      else blocks.push({ kind: 'paragraph', text: line.trim() })
    }
  }
  return blocks
}

/** A stretch of text and how it is set. */
export interface Part {
  kind: 'text' | 'code' | 'em' | 'strong'
  text: string
}

/** A text in parts. A link is its words, for a report stands alone. */
export function inlineParts(text: string): Part[] {
  const withoutLinks = text.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
  return withoutLinks.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/).flatMap((part): Part[] => {
    if (part === '') return []
    if (part.startsWith('`')) return [{ kind: 'code', text: part.slice(1, -1) }]
    if (part.startsWith('**')) return [{ kind: 'strong', text: part.slice(2, -2) }]
    if (/^\*\S.*\*$/.test(part)) return [{ kind: 'em', text: part.slice(1, -1) }]
    return [{ kind: 'text', text: part }]
  })
}
