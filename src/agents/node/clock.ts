/** Captured at load, before the target can replace them with fake timers. */
const performanceNow = performance.now.bind(performance)
const offset = Number(process.hrtime.bigint()) / 1e6 - performanceNow()

/** CLOCK_MONOTONIC in milliseconds: the same clock in every thread and process of the machine. */
export function now(): number {
  return performanceNow() + offset
}

/** A time of this thread's performance timeline on the same clock. */
export function fromTimeline(time: number): number {
  return time + offset
}
