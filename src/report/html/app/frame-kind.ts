/** Whose code a frame is, and the colour that says so. */
import { splitFrame } from '../../frame.ts'

/** In the order of the legend; hue of each and how strong its colour is. */
export const FRAME_KINDS = [
  { id: 'own', label: 'your code', hue: 28, saturation: 82 },
  { id: 'package', label: 'installed packages', hue: 172, saturation: 42 },
  { id: 'runtime', label: 'the runtime’s own', hue: 212, saturation: 55 },
  { id: 'engine', label: 'V8, GC, system libraries', hue: 275, saturation: 24 },
  { id: 'kernel', label: 'the kernel', hue: 340, saturation: 45 },
  { id: 'holdup', label: 'holdup itself', hue: 60, saturation: 6 },
] as const

type FrameKind = (typeof FRAME_KINDS)[number]['id']

/** Sources of what the runtimes' own libraries are built from, and of what npm, cargo and pip fetched. */
const RUNTIME_PLACE =
  /^node:|^<frozen |[/\\]lib(?:64)?[/\\]python3[\d.]*t?[/\\]|^\/rustc\/|[/\\](?:library|include)[/\\](?:std|core|alloc|c\+\+)[/\\]/
const PACKAGE_PLACE = /[/\\]node_modules[/\\]|[/\\]\.cargo[/\\]|[/\\](?:site|dist)-packages[/\\]/
const SYSTEM_LIBRARY = /^(?:lib|ld-)[^/]*\.so\b/

/** By its place; what has none is the engine's. */
export function frameKind(frame: string): FrameKind {
  const { name, place } = splitFrame(frame)
  if (name === '(kernel)') return 'kernel'
  if (PACKAGE_PLACE.test(place)) return 'package'
  if (RUNTIME_PLACE.test(place)) return 'runtime'
  if (SYSTEM_LIBRARY.test(place)) return 'engine'
  if (place !== '') return 'own'
  return name.startsWith('(holdup') ? 'holdup' : 'engine'
}

/** Frames of one kind differ a little, by name, so that neighbours can be told apart. */
export function frameColour(frame: string, kind: FrameKind = frameKind(frame)): string {
  let hash = 0
  for (let i = 0; i < Math.min(frame.length, 60); i++) hash = (hash * 31 + frame.charCodeAt(i)) % 997
  const { hue, saturation } = FRAME_KINDS.find(({ id }) => id === kind) ?? FRAME_KINDS[0]
  return `hsl(${hue + ((hash % 17) - 8)} ${saturation}% ${66 + (hash % 12)}%)`
}
