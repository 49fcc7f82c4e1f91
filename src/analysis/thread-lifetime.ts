import type { Milliseconds, Ratio } from '../units.ts'
import { type Counter, counterOf, growth } from './counters.ts'
import type { Source } from './index-records.ts'

/** Under this the count is that of a program which has become another by exec, such as the shell that starts a service. */
const COVERED: Ratio = 0.9

/**
 * Time that the threads of a process lived in the window, all added up. Where the native agent counts, from the birth of each that lives
 * and the lifetimes of those that ended; else the number of threads over time, straight between two readings.
 */
export function threadLifetime(source: Source, pid: number, lived = livedCounter(source, pid)): Milliseconds {
  const sampled = sampledLifetime(source, pid)
  const counted = countedLifetime(source, pid, lived) ?? 0
  return counted >= sampled * COVERED ? counted : sampled
}

/** Null where no agent counted throughout the window. */
export function countedLifetime(source: Source, pid: number, lived = livedCounter(source, pid)): Milliseconds | null {
  const { times } = lived
  return times.length < 2 || (times[0] ?? Infinity) > source.window[0] ? null : growth(lived, source.window)
}

/** The lifetime of all threads that an agent counted, up to each of its readings, whatever the window. */
export function livedCounter(source: Source, pid: number): Counter {
  const readings = source.of('native-threads').filter((record) => record.pid === pid)
  const births = source.of('native-thread').filter((record) => record.pid === pid)
  const ends = source.of('native-spawn').filter((record) => record.pid === pid)
  const born = new Map<number, Milliseconds>()
  let birth = 0
  let end = 0
  let endedMs = 0
  const points = readings.map(({ t, rows }) => {
    for (; (births[birth]?.t ?? Infinity) <= t; birth++) born.set(births[birth]?.tid ?? 0, births[birth]?.born ?? 0)
    for (; (ends[end]?.t ?? Infinity) <= t; end++) endedMs += ends[end]?.lifetimeMs ?? 0
    // One that was there before: counted from its first sight.
    for (const [tid] of rows) if (!born.has(tid)) born.set(tid, t)
    const livingMs = rows.reduce((sum, [tid]) => sum + t - (born.get(tid) ?? t), 0)
    return [t, endedMs + livingMs] as const
  })
  return counterOf(points)
}

/** By the number of threads that each sweep saw. */
export function sampledLifetime(source: Source, pid: number): Milliseconds {
  const [from, to] = source.window
  const records = source.of('proc').filter((record) => record.pid === pid)
  return records.reduce((sum, { t, threads }, i) => {
    const before = records[i - 1]
    const overlap = before ? Math.min(t, to) - Math.max(before.t, from) : 0
    return overlap > 0 ? sum + (overlap * (threads + (before?.threads ?? 0))) / 2 : sum
  }, 0)
}
