/** Stacks, leaf first, as lists that fold. */
import { formatRatio } from '../../../units.ts'
import { foldStack } from '../../fold-stack.ts'
import { splitFrame } from '../../frame.ts'
import { h } from './dom.ts'

/** Frames shown before the rest folds away. */
const SHOWN = 5

/** The function and where it is, in two tones. */
function frameView(frame: string): HTMLElement {
  const { name, place } = splitFrame(frame)
  return h('li', {}, h('span', {}, name), place !== '' && h('small', {}, place))
}

/** One stack under its label: `waiters 93 %`. */
export function stackView(
  stack: readonly string[],
  { label, share, open = true }: { label: string; share?: number | undefined; open?: boolean },
): HTMLElement {
  let start = 1
  const parts = foldStack(stack, SHOWN).map(({ frames, folded }) => {
    const list = h('ol', { start: String(start) }, frames.map(frameView))
    start += frames.length
    return folded === null ? list : h('details', { class: 'rest' }, h('summary', {}, folded), list)
  })
  return h(
    'details',
    { class: 'stack', ...(open ? { open: '' } : {}) },
    h('summary', {}, h('span', {}, label), share !== undefined && h('small', {}, formatRatio(share))),
    parts,
  )
}
