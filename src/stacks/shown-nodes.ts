import { ATOMICS_WAIT, shownFrame } from '../analysis/frames.ts'
import { stripControls } from '../errors.ts'
import { shortenMiddle } from '../recording/shorten.ts'
import { formatFrame } from './call-frame.ts'
import { NOT_RECORDED } from './cpuprofile.ts'
import type { CpuProfile } from './cpuprofile.ts'

/** A frame in its place, as a reader is to see it. */
export interface ShownNode {
  frame: string
  /** Null at the root. */
  parent: ShownNode | null
}

/** Longer than any name that somebody wrote, shorter than what chokes a viewer. */
const FRAME_CHARACTERS = 1000
const OFF_CPU: ReadonlySet<string> = new Set(['(idle)', ATOMICS_WAIT, NOT_RECORDED])

/** What each node of a profile shows, by its id: the agent's frames stand for what they wrap; null is the root. */
export function shownNodes({ nodes }: CpuProfile): Map<number, ShownNode | null> {
  const parents = new Map<number, number>()
  for (const { id, children } of nodes) for (const child of children) parents.set(child, id)
  const shown = new Map<number, ShownNode | null>()
  for (const { id, callFrame } of nodes) {
    const parent = shown.get(parents.get(id) ?? 0) ?? null
    const frame = parents.has(id) ? shownFrame(formatFrame(callFrame), parent?.frame) : null
    shown.set(id, frame === null ? parent : { frame: plainText(frame), parent })
  }
  return shown
}

/** The thread did nothing in it: it was idle, blocked in Atomics.wait, or nobody looked. */
export function isOffCpu(frame: string): boolean {
  return OFF_CPU.has(frame)
}

/** A name without control codes and of a bearable length; never empty. */
export function plainText(text: string): string {
  return shortenMiddle(stripControls(text).trim(), FRAME_CHARACTERS) || '(anonymous)'
}
