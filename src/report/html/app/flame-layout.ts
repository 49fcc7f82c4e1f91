/** Where each frame of a flamegraph lies: rows of boxes, from left to right, in the unit of the tree's weights. */
import type { Frame } from './flame-data.ts'
import { frameColour } from './frame-kind.ts'

/** A frame in its place. */
export interface Box {
  frame: Frame
  colour: string
  depth: number
  from: number
  to: number
  parent: Box | null
  children: Box[]
}

/** Rows from the root on; heaviest callees first. */
export function layOut(root: Frame): Box[][] {
  const rows: Box[][] = []
  const colours = new Map<string, string>()
  const colourOf = (name: string): string => {
    let colour = colours.get(name)
    if (colour === undefined) colours.set(name, (colour = frameColour(name)))
    return colour
  }
  const place = (frame: Frame, parent: Box | null, from: number): void => {
    const depth = parent === null ? 0 : parent.depth + 1
    const colour = frame.tint ?? colourOf(frame.name)
    const box: Box = { frame, colour, depth, from, to: from + frame.total, parent, children: [] }
    parent?.children.push(box)
    const row = rows[depth]
    if (row) row.push(box)
    else rows.push([box])
    let next = from
    for (const child of frame.children.toSorted((a, b) => b.total - a.total)) {
      place(child, box, next)
      next += child.total
    }
  }
  place(root, null, 0)
  return rows
}

/** Index of the row's first box that ends after `at`; the row's length where none does. */
export function firstAfter(row: readonly Box[], at: number): number {
  let low = 0
  let high = row.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((row[middle]?.to ?? Infinity) > at) high = middle
    else low = middle + 1
  }
  return low
}
