/** Captured at load, before the target can replace them with fake timers. */
const { hrtime } = process
const offset = now() - performance.now()

/**
 * CLOCK_MONOTONIC in milliseconds: the same clock in every thread and process of the machine. By `process.hrtime`, for
 * `performance.now` runs through several checks of its own, which a thread that has just been woken pays for in cache misses.
 */
export function now(): number {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}

/** A time of this thread's performance timeline on the same clock. */
export function fromTimeline(time: number): number {
  return time + offset
}
