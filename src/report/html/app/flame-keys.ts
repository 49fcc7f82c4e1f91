/** A flamegraph by keyboard: arrows go through the tree, Enter zooms, Escape shows all. */
import type { Box } from './flame-layout.ts'

type Step = (box: Box) => Box | null | undefined

const sibling =
  (offset: number): Step =>
  (box) => {
    const row = box.parent?.children ?? []
    return row[row.indexOf(box) + offset]
  }

const STEPS: Record<string, Step> = {
  ArrowUp: ({ parent }) => parent,
  ArrowDown: ({ children }) => children[0],
  ArrowLeft: sibling(-1),
  ArrowRight: sibling(1),
}

/** In a flamegraph whose root is at the bottom the callee is above. */
const TURNED: Record<string, string> = { ArrowUp: 'ArrowDown', ArrowDown: 'ArrowUp' }

/** What the keys act on. */
export interface KeyTarget {
  current: () => Box
  isUpward: () => boolean
  go: (box: Box) => void
  zoom: (box: Box) => void
  reset: () => void
}

/** Makes the element in the tab order work by keys. */
export function moveByKeys(element: HTMLElement, { current, isUpward, go, zoom, reset }: KeyTarget): void {
  element.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const key = isUpward() ? (TURNED[event.key] ?? event.key) : event.key
    const next = STEPS[key]?.(current())
    if (key === 'Enter' || key === ' ') zoom(current())
    else if (key === 'Escape') reset()
    else if (next) go(next)
    else return
    event.preventDefault()
  })
  element.addEventListener('focus', () => go(current()))
}
