/** Stacks, leaf first, as lists that fold. */
import { formatRatio } from '../../../units.ts'
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
  const rest = stack.slice(SHOWN)
  return h(
    'details',
    { class: 'stack', ...(open ? { open: '' } : {}) },
    h('summary', {}, h('span', {}, label), share !== undefined && h('small', {}, formatRatio(share))),
    h('ol', {}, stack.slice(0, SHOWN).map(frameView)),
    rest.length > 0 &&
      h(
        'details',
        { class: 'rest' },
        h('summary', {}, `${rest.length} more`),
        h('ol', { start: String(SHOWN + 1) }, rest.map(frameView)),
      ),
  )
}
