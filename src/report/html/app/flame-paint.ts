/** Draws the visible part of a flamegraph on a canvas. */
import { type Box, firstAfter } from './flame-layout.ts'

/** Height of a row in pixels. */
export const ROW = 20

const FONT = '12px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace'
const LABEL_INK = '#16191c'
const PADDING = 4
/** Fewer letters say nothing. */
const SHORTEST = 3
/** Boxes narrower than this, in pixels, that stand side by side are drawn as one up to such a width: the eye sees no more. */
const NARROW = 2
const TOGETHER = 5

/** What of the flamegraph is seen, and how. */
export interface Picture {
  rows: readonly Box[][]
  /** The frame that fills the width. */
  zoomed: Box
  width: number
  /** The root at the bottom. */
  upward: boolean
  found: ReadonlySet<string> | null
  current: Box | null
  colours: { found: string; ink: string }
}

/** Top of a row in pixels. */
function rowTop({ rows, upward }: Pick<Picture, 'rows' | 'upward'>, depth: number): number {
  return (upward ? rows.length - 1 - depth : depth) * ROW
}

/** Draws all of it anew. */
export function paint(context: CanvasRenderingContext2D, picture: Picture): void {
  const { rows, zoomed, width, found, current, colours } = picture
  const scale = width / Math.max(zoomed.to - zoomed.from, Number.MIN_VALUE)
  context.clearRect(0, 0, width, rows.length * ROW)
  context.font = FONT
  context.textBaseline = 'middle'
  const letter = context.measureText('m').width
  // The context's own `fillStyle` reads as another text than was set.
  let filled = ''
  const labels: { text: string; x: number; y: number }[] = []
  rows.forEach((row, depth) => {
    const y = rowTop(picture, depth)
    // What called the zoomed frame is no part of what is shown in full.
    context.globalAlpha = depth < zoomed.depth ? 0.45 : 1
    for (let i = firstAfter(row, zoomed.from); i < row.length; i++) {
      const box = row[i]
      if (!box || box.from >= zoomed.to) break
      const x = Math.max(0, (box.from - zoomed.from) * scale)
      let right = Math.min(width, (box.to - zoomed.from) * scale)
      let isFound = found?.has(box.frame.name) ?? false
      const isNarrow = right - x < NARROW
      if (isNarrow)
        for (let next = row[i + 1]; next && next.from < zoomed.to; next = row[i + 1]) {
          const start = (next.from - zoomed.from) * scale
          const end = (next.to - zoomed.from) * scale
          if (end - start >= NARROW || start - right > 0.5 || end - x > TOGETHER) break
          right = end
          isFound ||= found?.has(next.frame.name) ?? false
          i++
        }
      const fill = isFound ? colours.found : box.colour
      if (fill !== filled) context.fillStyle = filled = fill
      // The gap keeps neighbours apart.
      context.fillRect(x, y, Math.max(0.5, right - x - (isNarrow ? 0 : 1)), ROW - 1)
      const room = Math.floor((right - x - 2 * PADDING) / letter)
      if (room >= SHORTEST) labels.push({ text: cut(box.frame.name, room), x: x + PADDING, y: y + ROW / 2 })
    }
  })
  context.globalAlpha = 1
  context.fillStyle = LABEL_INK
  for (const { text, x, y } of labels) context.fillText(text, x, y)
  if (current && current.to > zoomed.from && current.from < zoomed.to) {
    const x = Math.max(0, (current.from - zoomed.from) * scale)
    const right = Math.min(width, (current.to - zoomed.from) * scale)
    context.strokeStyle = colours.ink
    context.lineWidth = 1.5
    context.strokeRect(x + 1, rowTop(picture, current.depth) + 1, Math.max(1, right - x - 3), ROW - 3)
  }
}

/** The frame at a point, in pixels; null where there is none. */
export function boxAt(picture: Picture, x: number, y: number): Box | null {
  const { rows, zoomed, width, upward } = picture
  const line = Math.floor(y / ROW)
  const row = rows[upward ? rows.length - 1 - line : line]
  if (!row) return null
  const at = zoomed.from + (x / width) * (zoomed.to - zoomed.from)
  const box = row[firstAfter(row, at)]
  return box && box.from <= at ? box : null
}

function cut(name: string, letters: number): string {
  return name.length <= letters ? name : `${name.slice(0, letters - 1)}…`
}
