/** The native agent's table as src/agents/native/table.h lays it out; little-endian, times in nanoseconds. */

export const MAGIC = 'HDNATIVE'
export const VERSION = 4

/** Offsets in the header. */
export const HEADER = {
  version: 8,
  libc: 12,
  pid: 16,
  createdAt: 24,
  ended: 32,
  threadsUsed: 40,
  sitesUsed: 48,
  modulesUsed: 56,
  loopsUsed: 64,
  turnsUsed: 72,
  created: 88,
  exited: 96,
  spentByExited: 104,
  lost: 144,
  accepts: 176,
  requests: 184,
  pidNamespace: 200,
  bytes: 208,
} as const

/** Where a list begins, bytes an entry, and how many there can be. */
export const MODULES = { at: 20_480, bytes: 256, most: 256 }
export const TURNS = { at: 86_016, bytes: 32, most: 1024 }
export const LOOPS = { at: 118_784, bytes: 1024, most: 256 }
export const THREADS = { at: 380_928, bytes: 256, most: 16_384 }
export const SITES = { at: 4_575_232, bytes: 1024, most: 4096 }

export const DEPTH = 32
export const BUCKETS = 128
/** Kinds of lost entries that follow each other at `HEADER.lost`. */
export const LOSSES = 4
/** Classes of time spent: lock, idle, join, unclassified, poll. */
export const SPENT_CLASSES = 5

/** By the number of a site's kind; a number without a name is no kind of wait. */
export const WAIT_KINDS = [
  null,
  'mutex',
  'rwlock-read',
  'rwlock-write',
  'semaphore',
  'futex-lock',
  'condition',
  'join',
  'futex-idle',
  'park',
  null,
] as const
export const KIND_UNLOCK = 11
export const KIND_SPAWN = 12
export const KIND_POST = 13

/** A 64-bit number; exact up to 2^53, that is addresses and 104 days of nanoseconds. */
export function u64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
}

/** Middle of a histogram's bucket in milliseconds (`bucket_of` in table.h). */
export function middleOf(bucket: number): number {
  const unit = 128e-6
  if (bucket < 4) return (bucket + 0.5) * unit
  const width = 2 ** (Math.floor(bucket / 4) - 1)
  return (4 + (bucket % 4) + 0.5) * width * unit
}

/** The histogram's bucket of a time, as `bucket_of` in table.h. */
export function bucketOf(nanos: number): number {
  const units = Math.floor(nanos / 128)
  if (units < 4) return Math.max(0, units)
  const top = Math.floor(Math.log2(units))
  const bucket = (top - 1) * 4 + (Math.floor(units / 2 ** (top - 2)) & 3)
  return Math.min(bucket, BUCKETS - 1)
}
