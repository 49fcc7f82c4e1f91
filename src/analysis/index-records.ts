import type { AnyRecord, Header, RecordKind, RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import { groupBy } from './group-by.ts'

/** What analysis needs of a recording that was read. */
export interface RecordedData {
  header: Header
  records: readonly AnyRecord[]
  strings: readonly string[]
  stacks: readonly (readonly number[])[]
  problems: { cutOff: string | null }
}

/** A recording's records by kind, its interned text, and the window under analysis. */
export interface Source {
  header: Header
  of<K extends RecordKind>(kind: K): readonly RecordOf<K>[]
  /** Records of the window, by the time they were made. */
  within<K extends Exclude<RecordKind, 'string' | 'stack'>>(kind: K): readonly RecordOf<K>[]
  text: (id: number) => string
  /** Leaf first; empty when unknown. */
  stack(id: number | undefined): string[]
  window: readonly [Milliseconds, Milliseconds]
  windowMs: Milliseconds
  cutOff: string | null
}

/** Indexes `data` for the window. */
export function indexRecords(data: RecordedData, window: readonly [Milliseconds, Milliseconds]): Source {
  const byKind = groupBy(data.records, (record) => record.k)
  const of = <K extends RecordKind>(kind: K) => (byKind.get(kind) ?? []) as unknown as readonly RecordOf<K>[]
  const [from, to] = window
  const text = (id: number) => data.strings[id] ?? '?'
  return {
    header: data.header,
    of,
    within: (kind) => of(kind).filter((record) => record.t > from && record.t <= to),
    text,
    stack: (id) => (id === undefined ? [] : (data.stacks[id] ?? []).map(text)),
    window,
    windowMs: Math.max(1, to - from),
    cutOff: data.problems.cutOff,
  }
}
