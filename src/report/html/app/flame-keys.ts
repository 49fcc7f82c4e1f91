/** A flamegraph by keyboard: one frame is in the tab order, arrows go through the tree, Enter zooms. */
import type { FlameNode } from 'd3-flame-graph'
import type { Frame } from './flame-data.ts'

/** d3 keeps a frame's node on its element. */
interface FrameElement extends SVGGElement {
  __data__?: FlameNode<Frame>
}

type Step = (node: FlameNode<Frame>) => FlameNode<Frame> | undefined

const sibling =
  (offset: number): Step =>
  (node) => {
    const row = node.parent?.children ?? []
    return row[row.indexOf(node) + offset]
  }

const STEPS: Record<string, Step> = {
  ArrowUp: (node) => node.parent ?? undefined,
  ArrowDown: (node) => node.children?.[0],
  ArrowLeft: sibling(-1),
  ArrowRight: sibling(1),
}

/** Makes the flamegraph in `box` work by keys; the frame in focus is told in `details`. */
export function moveByKeys(box: HTMLElement, details: HTMLElement, say: (node: FlameNode<Frame>) => string): void {
  const frames = (): FrameElement[] => [...box.querySelectorAll<FrameElement>('g.frame')]
  frames()[0]?.setAttribute('tabindex', '0')
  box.addEventListener('keydown', (event) => {
    const current = event.target as FrameElement
    const node = current.__data__
    if (!node) return
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      current.dispatchEvent(new MouseEvent('click', { bubbles: true }))
      return
    }
    const next = STEPS[event.key]?.(node)
    const target = next && frames().find((frame) => frame.__data__ === next)
    if (!target) return
    event.preventDefault()
    current.setAttribute('tabindex', '-1')
    target.setAttribute('tabindex', '0')
    target.focus()
  })
  box.addEventListener('focusin', (event) => {
    const node = (event.target as FrameElement).__data__
    if (node) details.textContent = say(node)
  })
}
