/** Stalls by what they have in common: what happens once is an incident, what repeats is a fault. */
import { isApplication } from '../analysis/frames.ts'
import { groupBy } from '../analysis/group-by.ts'
import type { Stall } from '../analysis/signals.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import type { Place } from './detector.ts'
import { ownMs, share } from './loop-stalls.ts'

/** A frame stands for a stall when it is in at least this share of its samples. */
const MAIN_SHARE: Ratio = 0.5
/** Callers share all that their callees share: of frames that account for this much of the most, the innermost is named. */
const NEARLY_AS_MUCH: Ratio = 0.8
/** Stalls closer together than this are one incident. */
const INCIDENT_MS: Milliseconds = 1000

/** Stalls that have one cause; `frame` is the function they share, null without a CPU profile. */
export interface RepeatedStalls {
  frame: string | null
  stack: string[]
  stalls: Stall[]
  longestMs: Milliseconds
  totalMs: Milliseconds
}

/**
 * The costliest group of at least two stalls of one loop, not all in one incident, that share a function; null where there is none.
 * `profiled`: there was a CPU profile. Then a stall without a function in it is not JavaScript's; without one, all stalls
 * are taken to be alike.
 */
export function repeatedStalls(stalls: readonly Stall[], profiled: boolean): RepeatedStalls | null {
  const loops = [...groupBy(stalls, ({ pid }) => pid).values()].flatMap((own) => repeatedOf(own, profiled) ?? [])
  return loops.toSorted((a, b) => b.totalMs - a.totalMs)[0] ?? null
}

function repeatedOf(stalls: readonly Stall[], profiled: boolean): RepeatedStalls | null {
  const groups = profiled ? groupByFrame(stalls) : [{ frame: null, depth: 0, stalls: [...stalls] }]
  const repeated = groups.filter((group) => repeats(group.stalls))
  const most = Math.max(...repeated.map((group) => totalMs(group.stalls)))
  const [group] = repeated
    .filter((candidate) => totalMs(candidate.stalls) >= most * NEARLY_AS_MUCH)
    .toSorted((a, b) => a.depth - b.depth)
  if (!group) return null
  return {
    frame: group.frame,
    stack: heaviestWith(group.frame, group.stalls),
    stalls: group.stalls,
    longestMs: Math.max(...group.stalls.map(ownMs)),
    totalMs: totalMs(group.stalls),
  }
}

/** Where the stalls come from, for a finding. */
export function placeOf({ stack }: RepeatedStalls, role: string): Place[] {
  return stack.length > 0 ? [{ role, stack }] : []
}

function totalMs(stalls: readonly Stall[]): Milliseconds {
  return stalls.reduce((sum, stall) => sum + ownMs(stall), 0)
}

function repeats(stalls: readonly Stall[]): boolean {
  return stalls.length >= 2 && (stalls.at(-1)?.t ?? 0) - (stalls[0]?.t ?? 0) >= INCIDENT_MS
}

function groupByFrame(stalls: readonly Stall[]): { frame: string; depth: number; stalls: Stall[] }[] {
  const groups = new Map<string, { frame: string; depth: number; stalls: Stall[] }>()
  for (const stall of stalls) {
    for (const [frame, depth] of mainFrames(stall)) {
      const group = groups.get(frame) ?? { frame, depth, stalls: [] }
      groups.set(frame, group)
      group.depth = Math.max(group.depth, depth)
      group.stalls.push(stall)
    }
  }
  return [...groups.values()]
}

/** Frames in most of a stall's samples, with their distance from the innermost. */
function mainFrames({ stacks }: Stall): [frame: string, depth: number][] {
  const weights = new Map<string, { weight: Ratio; depth: number }>()
  for (const { stack, share } of stacks) {
    for (const [depth, frame] of ownFrames(stack).entries()) {
      const known = weights.get(frame)
      weights.set(frame, { weight: (known?.weight ?? 0) + share, depth: Math.max(known?.depth ?? 0, depth) })
    }
  }
  return [...weights].flatMap(([frame, { weight, depth }]) =>
    weight >= share(stacks) * MAIN_SHARE ? [[frame, depth]] : [],
  )
}

/** The target's own frames; of a stack without any its dependencies', else the runtime's. */
function ownFrames(stack: readonly string[]): string[] {
  const application = stack.filter(isApplication)
  const own = application.filter((frame) => !frame.includes('/node_modules/'))
  return [
    ...new Set([own, application, stack.filter((frame) => frame.includes(' ('))].find((frames) => frames.length > 0)),
  ]
}

function heaviestWith(frame: string | null, stalls: readonly Stall[]): string[] {
  const stacks = stalls.flatMap((stall) => stall.stacks.map(({ stack, share }) => ({ stack, ms: share * stall.ms })))
  const matching = stacks.filter(({ stack }) => frame !== null && stack.includes(frame))
  return matching.toSorted((a, b) => b.ms - a.ms)[0]?.stack ?? []
}
