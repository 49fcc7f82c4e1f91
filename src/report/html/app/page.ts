/** A pattern's page, folded below its finding. */
import { h, table, type Child } from './dom.ts'
import { type Block, inlineParts, pageBlocks } from './page-blocks.ts'

// Our own renderer wrote it: the pages of the patterns that were found, by their ids.
const pages = JSON.parse(document.getElementById('pages')?.textContent ?? '{}') as Record<string, string>

/** Folded; null where the report came without it. */
export function pageView(id: string): HTMLElement | null {
  const page = pages[id]
  if (page === undefined) return null
  const details = h('details', { class: 'explain' }, h('summary', {}, 'What this means, and when it is a false alarm'))
  details.addEventListener('toggle', () => details.append(...pageBlocks(page).map(blockView)), { once: true })
  return details
}

function blockView(block: Block): HTMLElement {
  if (block.kind === 'heading') return h('h4', {}, block.text)
  if (block.kind === 'paragraph') return h('p', {}, inline(block.text))
  if (block.kind === 'list')
    return h(
      'ul',
      {},
      block.items.map((item) => h('li', {}, inline(item))),
    )
  if (block.kind === 'code') {
    const pre = h('pre', { tabindex: '0' })
    // Its lines are kept, which the usual gate would join.
    pre.textContent = block.text
    return pre
  }
  const rows = block.rows.map((cells) =>
    h(
      'tr',
      {},
      cells.map((cell) => h('td', {}, inline(cell))),
    ),
  )
  return table(block.head, rows)
}

function inline(text: string): Child[] {
  return inlineParts(text).map(({ kind, text: part }) => (kind === 'text' ? part : h(kind, {}, part)))
}
