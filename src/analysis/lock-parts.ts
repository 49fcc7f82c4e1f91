import { functionName, isApplication, shortFrame } from './frames.ts'
import { isLockWrapper } from './lock-places.ts'
import type { Source } from './index-records.ts'
import type { Lock } from './signals.ts'
import type { Milliseconds, Seconds } from '../units.ts'

/** As many as a flamegraph of one lock can show apart. */
const STACKS_KEPT = 20

/** What one kind of probe shows of locks. */
export interface LockPart {
  locks: Lock[]
  /** Thread time in waits for locks: exact where both are the same. */
  secondsLow: Seconds
  secondsHigh: Seconds
  unclassifiedSeconds: Seconds
  /** Lock wait by `pid/tid`, of threads that were still there; empty where it is not known by thread. */
  msByThread: ReadonlyMap<string, Milliseconds>
  fidelity: 'exact' | 'sampled'
}

/** Stacks by weight; those not captured (over the rate) are taken to be spread as the captured ones are. */
export function heaviest(
  weights: ReadonlyMap<number | undefined, number>,
  source: Source,
): { stack: string[]; weight: number }[] {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  const captured = total - (weights.get(undefined) ?? 0)
  return [...weights]
    .flatMap(([id, weight]) =>
      id === undefined ? [] : [{ stack: source.stack(id), weight: (weight * total) / captured }],
    )
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, STACKS_KEPT)
}

/** A lambda of C++, a closure of Rust: their debugging information says no more of it. */
const ANONYMOUS = /^(operator\(\)|\{closure#\d+\})$/

/** `mutex waited for in lock (mutex.mjs:20), called by search`, `wait in pop (queue.cpp:3)`: by who wants it, not by another wrapper of the lock. */
export function nameOf(what: string, stack: readonly string[], otherwise: string): string {
  const [taker, ...callers] = stack.filter(isApplication)
  if (!taker) return `${what} ${otherwise}`
  const isNamed = (frame: string): boolean => !ANONYMOUS.test(functionName(shortFrame(frame)))
  const caller = callers.find((frame) => !isLockWrapper(frame) && isNamed(frame)) ?? callers[0]
  return `${what === 'wait' ? 'wait' : `${what} waited for`} in ${shortFrame(taker)}${caller ? `, called by ${functionName(shortFrame(caller))}` : ''}`
}
