/** Whose code a frame is, and the colour that says so. */

/** In the order of the legend; hue of each and how strong its colour is. */
export const FRAME_KINDS = [
  { id: 'own', label: 'your code', hue: 28, saturation: 82 },
  { id: 'package', label: 'node_modules', hue: 172, saturation: 42 },
  { id: 'runtime', label: "Node's own", hue: 212, saturation: 55 },
  { id: 'engine', label: 'V8, GC, native', hue: 275, saturation: 24 },
] as const

export type FrameKind = (typeof FRAME_KINDS)[number]['id']

/** By the shape of `function (file:line:column)`. */
export function frameKind(name: string): FrameKind {
  if (/[/\\]node_modules[/\\]/.test(name)) return 'package'
  if (/\(node:/.test(name)) return 'runtime'
  return /^\(.*\)$/.test(name) || !name.includes('(') ? 'engine' : 'own'
}

/** Frames of one kind differ a little, by name, so that neighbours can be told apart. */
export function frameColour(name: string, kind: FrameKind = frameKind(name)): string {
  let hash = 0
  for (let i = 0; i < Math.min(name.length, 60); i++) hash = (hash * 31 + name.charCodeAt(i)) % 997
  const { hue, saturation } = FRAME_KINDS.find(({ id }) => id === kind) ?? FRAME_KINDS[0]
  return `hsl(${hue + ((hash % 17) - 8)} ${saturation}% ${66 + (hash % 12)}%)`
}
