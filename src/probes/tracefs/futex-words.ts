/** Commands of futex(2). */
const COMMAND = 0x7f
const WAITS: ReadonlySet<number> = new Set([0, 6, 9, 11, 13])
const WAKES: ReadonlySet<number> = new Set([1, 7, 10])

export function isWait(op: number): boolean {
  return WAITS.has(op & COMMAND)
}

export function isWake(op: number): boolean {
  return WAKES.has(op & COMMAND)
}

/** More than any value with a meaning: a counter, a thread's id. */
const ANY = 0x0fff_ffff
const HIGH = 2 ** 30

/** The value, where it tells what is waited for (native/futex.ts); else one that stands for all like it, as counters and owners differ each time. */
export function valueClass(value: number): number {
  if (value <= 3 || value === 0x7fffffff || value === 0xffffffff) return value
  return value >= 2 * HIGH ? 2 * HIGH + HIGH : value >= HIGH ? HIGH : ANY
}

/**
 * Locks whose owner always wakes others after it has waited itself: a second wait without a wake in between is the same call of the
 * lock function. So it is with glibc's mutex and Rust's.
 */
export function waitsAgain(op: number, value: number): boolean {
  return value === 2 && (op === 0x80 || op === 0x89)
}

/** A thread of a runtime that parks so has nothing to do: it is not busy with a turn of its loop. */
export function parks(op: number, value: number): boolean {
  if (op === 0x80) return value === 1
  return op === 0x89 && value !== 2 && (value < HIGH || value === 0xffffffff)
}
