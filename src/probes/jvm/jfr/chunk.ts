import type { Milliseconds } from '../../../units.ts'
import { Cursor } from './cursor.ts'
import { readTypes, type Type } from './metadata.ts'
import { type Value, Values } from './values.ts'

const MAGIC = 'FLR\0'
const HEADER_BYTES = 68
const NS_PER_MS = 1e6

/** Of `[magic, major, minor, size, constant pool, metadata, start ns, duration ns, start ticks, ticks a second, features]`. */
export interface ChunkHeader {
  bytes: number
  pools: number
  metadata: number
  startNanos: bigint
  startTicks: number
  ticksPerSecond: number
}

/** Null where no whole header stands there. */
export function readChunkHeader(data: Buffer): ChunkHeader | null {
  if (data.length < HEADER_BYTES || data.toString('latin1', 0, 4) !== MAGIC) return null
  const long = (at: number) => Number(data.readBigInt64BE(at))
  return {
    bytes: long(8),
    pools: long(16),
    metadata: long(24),
    startNanos: data.readBigInt64BE(32),
    startTicks: long(48),
    ticksPerSecond: long(56),
  }
}

export interface JfrEvent {
  type: string
  fields: { readonly [field: string]: Value }
}

/** One chunk of a JFR recording, which is complete in itself (JDK 9 and newer, format 2). */
export class Chunk {
  readonly #data: Buffer
  readonly #header: ChunkHeader
  readonly #types: ReadonlyMap<number, Type>
  readonly #values: Values
  readonly #pools = new Map<string, Map<number, Value>>()

  /** @throws RangeError where it is broken. */
  constructor({ data, header }: { data: Buffer; header: ChunkHeader }) {
    this.#data = data
    this.#header = header
    this.#types = readTypes(data, header.metadata)
    this.#values = new Values(this.#types)
    this.#readPools()
  }

  /** Events of these types, in the order in which they were written, which is not that of time. */
  *events(wanted: ReadonlySet<string>): Generator<JfrEvent> {
    for (let at = HEADER_BYTES; at < this.#data.length;) {
      const cursor = new Cursor(this.#data, at)
      const size = cursor.number()
      if (size <= 0) return
      const type = this.#types.get(cursor.number())
      if (type && wanted.has(type.name)) yield { type: type.name, fields: this.#values.fields(cursor, type) }
      at += size
    }
  }

  /** What a pooled value is; undefined where the pool has none. */
  pooled(type: string, key: Value | undefined): { readonly [field: string]: Value } | undefined {
    const value = typeof key === 'number' ? this.#pools.get(type)?.get(key) : undefined
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as { readonly [field: string]: Value })
      : undefined
  }

  /** Text, which may be in a pool too. */
  text(value: Value | undefined): string {
    if (typeof value === 'number') return this.text(this.#pools.get('java.lang.String')?.get(value))
    return typeof value === 'string' ? value : ''
  }

  /** Unix milliseconds of a time in ticks, and a duration in ticks as milliseconds. */
  timeOf(ticks: Value | undefined): Milliseconds {
    return Number(this.#header.startNanos) / NS_PER_MS + this.spanOf(Number(ticks) - this.#header.startTicks)
  }

  spanOf(ticks: Value | undefined): Milliseconds {
    return (Number(ticks) * 1000) / this.#header.ticksPerSecond
  }

  /** Each points to the one before it. */
  #readPools(): void {
    const seen = new Set<number>()
    for (let at = this.#header.pools; at > 0 && !seen.has(at);) {
      seen.add(at)
      const cursor = new Cursor(this.#data, at)
      // Size, type, start and duration of the event.
      for (let i = 0; i < 4; i++) cursor.number()
      const delta = cursor.number()
      cursor.byte()
      for (let left = cursor.count(); left > 0; left--) this.#readPool(cursor)
      if (delta === 0) return
      at += delta
    }
  }

  #readPool(cursor: Cursor): void {
    const id = cursor.number()
    const name = this.#types.get(id)?.name ?? ''
    let pool = this.#pools.get(name)
    if (!pool) this.#pools.set(name, (pool = new Map()))
    for (let left = cursor.count(); left > 0; left--) {
      const key = cursor.number()
      pool.set(key, this.#values.read(cursor, id))
    }
  }
}
