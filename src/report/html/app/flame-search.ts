/** Finding frames by a part of their name. */
import type { Box } from './flame-layout.ts'

/** What a search found. */
export interface Found {
  names: ReadonlySet<string>
  frames: number
  /** Weight in and below what was found; recursion counts once. */
  weight: number
}

/** As text, not as a regular expression: a name is full of brackets. Upper and lower case are the same. */
export function searchFrames(rows: readonly Box[][], term: string): Found {
  const wanted = term.toLowerCase()
  const known = new Map<string, boolean>()
  const matches = (name: string): boolean => {
    let is = known.get(name)
    if (is === undefined) known.set(name, (is = name.toLowerCase().includes(wanted)))
    return is
  }
  const below = new Set<Box>()
  let frames = 0
  let weight = 0
  for (const row of rows)
    for (const box of row) {
      const inside = box.parent !== null && below.has(box.parent)
      const is = matches(box.frame.name)
      if (is) frames++
      if (is && !inside) weight += box.frame.total
      if (is || inside) below.add(box)
    }
  return { names: new Set([...known].flatMap(([name, is]) => (is ? [name] : []))), frames, weight }
}
