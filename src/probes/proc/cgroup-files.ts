import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Milliseconds } from '../../units.ts'

/** A control group's folder; version 1 and 2 have other files in it. */
export interface CgroupFolder {
  path: string
  v1: boolean
}

/** The text of a file; null where it cannot be read. */
export type ReadText = (path: string) => string | null

const NS_PER_MS = 1e6
const US_PER_MS = 1e3

/** Cores that the group's quota allows; null without one, as `max` (v2), -1 (v1) or a missing file says. */
export function coresAllowed({ path, v1 }: CgroupFolder, read: ReadText = readText): number | null {
  const text = v1
    ? `${read(join(path, 'cpu.cfs_quota_us'))} ${read(join(path, 'cpu.cfs_period_us'))}`
    : (read(join(path, 'cpu.max')) ?? '')
  const [quota = 0, period = 0] = text.trim().split(/\s+/).map(Number)
  return quota > 0 && period > 0 ? quota / period : null
}

/** What the kernel has counted in a group with a quota, since the group was made. */
export interface Throttling {
  /** Periods in which it had something to run, and those of them in which it had used up its quota. */
  periods: number
  throttled: number
  /** Time that its run queues, one a core, stood still for that, added up. */
  throttledMs: Milliseconds
}

/** Reads `cpu.stat`; null where that does not count periods, as of a group without the controller. */
export function readThrottling({ path }: CgroupFolder, read: ReadText = readText): Throttling | null {
  const text = read(join(path, 'cpu.stat')) ?? ''
  const field = (name: string) => {
    const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]
    return found === undefined ? null : Number(found)
  }
  const periods = field('nr_periods')
  const throttled = field('nr_throttled')
  const us = field('throttled_usec')
  const ns = field('throttled_time')
  if (periods === null || throttled === null) return null
  return { periods, throttled, throttledMs: us === null ? (ns ?? 0) / NS_PER_MS : us / US_PER_MS }
}

export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
