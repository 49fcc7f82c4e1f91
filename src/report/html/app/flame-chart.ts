/** One flamegraph on a canvas: pointed at, zoomed, searched, turned over, walked by keys. */
import { formatRatio } from '../../../units.ts'
import { formatQuantity } from '../../quantity.ts'
import { h } from './dom.ts'
import type { Frame } from './flame-data.ts'
import { moveByKeys } from './flame-keys.ts'
import { type Box, layOut } from './flame-layout.ts'
import { boxAt, paint, type Picture, ROW } from './flame-paint.ts'
import { searchFrames } from './flame-search.ts'
import { colour } from './theme.ts'

/** Browsers draw nothing on a larger canvas. */
const LARGEST = 16_000
const KEYS = 'arrow keys walk, Enter zooms, Escape shows all'
const HINT = `Point at a frame, click to zoom; ${KEYS}`

/** A drawn flamegraph. */
export interface FlameChart {
  search(term: string): void
  reset(): void
  /** The root at the bottom, or at the top. */
  turn(upward: boolean): void
  /** Draws it anew, as wide as its box is now. */
  fit(): void
}

/** Draws into `box`; what the pointer or the keyboard is on is told in `details`, as is the share of a search. */
export function createFlameChart(
  root: Frame,
  { box, details, unit, name }: { box: HTMLElement; details: HTMLElement; unit: string; name: string },
): FlameChart {
  const rows = layOut(root)
  const top = rows[0]?.[0] as Box
  const share = (weight: number): string => formatRatio(root.total > 0 ? weight / root.total : 0)
  const canvas = h('canvas', { role: 'application', tabindex: '0', 'aria-label': `Flamegraph ${name}: ${KEYS}` })
  const context = canvas.getContext('2d')
  const colours = { found: '', ink: '' }
  const picture: Picture = { rows, zoomed: top, width: 0, upward: false, found: null, current: null, colours }
  let waits = false

  const draw = (): void => {
    waits = false
    if (context) paint(context, picture)
  }
  // A pointer moves more often than a screen is drawn.
  const redraw = (): void => {
    if (!waits) requestAnimationFrame(draw)
    waits = true
  }
  const show = (change: Partial<Picture>): void => {
    Object.assign(picture, change)
    redraw()
  }
  const say = (at: Box): void => {
    const { name, total, self, note } = at.frame
    details.textContent =
      note ?? `${name}: ${formatQuantity(total, unit)}, ${share(total)} (itself ${formatQuantity(self, unit)})`
  }
  const go = (current: Box): void => {
    show({ current })
    say(current)
  }
  const pointedAt = ({ offsetX, offsetY }: MouseEvent): Box | null => boxAt(picture, offsetX, offsetY)
  const zoom = (zoomed: Box): void => show({ zoomed: zoomed === picture.zoomed ? top : zoomed })

  canvas.addEventListener('mousemove', (event) => {
    const at = pointedAt(event)
    canvas.style.cursor = at ? 'pointer' : ''
    if (at && at !== picture.current) go(at)
  })
  canvas.addEventListener('mouseleave', () => document.activeElement !== canvas && show({ current: null }))
  canvas.addEventListener('click', (event) => {
    const at = pointedAt(event)
    if (at) zoom(at)
  })
  const reset = (): void => show({ zoomed: top })
  moveByKeys(canvas, {
    current: () => picture.current ?? picture.zoomed,
    isUpward: () => picture.upward,
    go,
    zoom,
    reset,
  })
  box.append(canvas)
  details.textContent = HINT

  const fit = (): void => {
    const height = rows.length * ROW
    picture.width = box.clientWidth
    const density = Math.min(devicePixelRatio, LARGEST / height)
    canvas.width = Math.round(picture.width * density)
    canvas.height = Math.round(height * density)
    canvas.style.height = `${height}px`
    context?.scale(density, density)
    for (const key of ['found', 'ink'] as const) colours[key] = colour(key)
    // At once: paper waits for no frame.
    draw()
  }
  fit()
  return {
    search: (term) => {
      if (term === '') return show({ found: null })
      const { names, frames, weight } = searchFrames(rows, term)
      show({ found: names })
      details.textContent = `${frames} frames, ${share(weight)} ${unit === 'ms' ? 'of the time' : 'of all'}`
    },
    reset,
    turn: (upward) => show({ upward }),
    fit,
  }
}
