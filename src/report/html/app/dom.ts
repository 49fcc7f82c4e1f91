/** The only way the app makes elements: every text passes the gate, and none is ever read as markup. */
import { plainText } from '../../plain-text.ts'
import { onResize } from './resize.ts'

/** Longest prose that the page shows in one piece, in characters. */
const PROSE = 1000

/** What an element can hold; false and null leave nothing behind. */
export type Child = Node | string | null | false | readonly Child[]

/** An element with attributes and children. Text is cleaned of control codes and put in as text. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, plainText(value))
  append(element, children)
  return element
}

/** Adds children in order. */
function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === false) continue
    if (typeof child === 'string') parent.append(plainText(child, PROSE))
    else if (child instanceof Node) parent.append(child)
    else append(parent, child)
  }
}

/** A section of the page, reached from the navigation; null when it has nothing to show. */
export function section(id: string, title: string, ...children: Child[]): HTMLElement {
  return h('section', { id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), children)
}

/** A table that scrolls sideways in a box of its own where the screen is too narrow. */
export function table(
  head: readonly Child[],
  rows: readonly HTMLTableRowElement[],
  attributes: Readonly<Record<string, string>> = {},
): HTMLElement {
  const cells = head.map((cell) => (cell === '' ? h('td', {}) : h('th', { scope: 'col' }, cell)))
  const box = h(
    'div',
    { class: 'scroll' },
    h('table', attributes, h('thead', {}, h('tr', {}, cells)), h('tbody', {}, rows)),
  )
  // By keyboard it scrolls only where it has the focus; where all of it is seen that would be a stop for nothing.
  onResize(box, () => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0
    else box.removeAttribute('tabindex')
  })
  return box
}
