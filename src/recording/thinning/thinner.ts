import type { AnyRecord, RecordKind, RecordOf } from '../schema.ts'
import { columnsOf } from '../sweep.ts'
import { forgetGone, isDelta } from './forget-gone.ts'
import { mergeRecords } from './merge-records.ts'
import type { DeltaRecord } from './merge-records.ts'
import type { Survey } from './survey.ts'

/** How far thinning goes; each step also does what those before it do. */
export const STEPS = ['halve', 'without-profiles', 'without-the-gone'] as const
export type Step = (typeof STEPS)[number]

/** Of two neighbours of these kinds the greater one stays, so that peaks survive; of two equal ones the later. */
const SIZE: { readonly [K in RecordKind]?: (record: RecordOf<K>) => number } = {
  proc: (record) => record.rss,
  usage: (record) => record.rss,
  heap: (record) => record.used,
  threads: (record) => record.tids.length,
  waiting: () => 0,
  upstream: ({ n }) => n,
  'native-threads': (record) => record.rows.length,
}

/** What tells one owner's series from another's, of the fields that any kind has. */
const IDENTITY = [
  'k',
  'pid',
  'tid',
  'slot',
  'name',
  'port',
  'to',
  'lock',
  'wait',
  'kind',
  'state',
  'doing',
  'awaits',
  'poll',
  'stack',
  'async',
]

/** One series: the records of one kind and owner. */
interface Series {
  begun: boolean
  /** Waits for its neighbour. */
  open: Entry | null
  /** Left out though the series may end with it. */
  skipped: Entry | null
}

interface Entry {
  record: AnyRecord
  /** Which sweep over threads it is. */
  ordinal: number
}

/** Halves the detail of the records it is given, in their order. No total and no first or last value changes. */
export class Thinner {
  /** Records left out altogether, by kind. */
  readonly left = new Map<string, number>()
  readonly #step: Step
  readonly #survey: Survey
  readonly #emit: (record: AnyRecord) => void
  readonly #series = new Map<string, Series>()
  #sweeps = 0

  constructor(step: Step, survey: Survey, emit: (record: AnyRecord) => void) {
    this.#step = step
    this.#survey = survey
    this.#emit = emit
  }

  push(given: AnyRecord): void {
    const ordinal = given.k === 'threads' ? this.#sweeps++ : 0
    if (given.k === 'thinned') {
      for (const [kind, count] of given.left ?? []) this.#leave(kind, count)
      return
    }
    if ((given.k === 'profile' || given.k === 'on-cpu') && this.#step !== 'halve') return this.#leave(given.k, 1)
    const record = this.#step === 'without-the-gone' ? forgetGone(given, this.#survey) : given
    if (record === null) this.#leave(given.k, 1)
    else if (isDelta(record)) this.#merge(record)
    else if (record.k in SIZE || (record.k === 'stall' && this.#step === 'without-the-gone'))
      this.#alternate({ record, ordinal })
    else this.#emit(record)
  }

  /** What still waited for a neighbour. */
  end(): void {
    const last = [...this.#series.values()].map(({ open, skipped }) => open ?? skipped)
    const records = last.flatMap((entry) => entry?.record ?? [])
    for (const record of records.toSorted((a, b) => timeOf(a) - timeOf(b))) this.#emit(record)
  }

  #merge(record: DeltaRecord): void {
    const series = this.#seriesOf(record)
    const earlier = series.open?.record
    series.open = earlier ? null : { record, ordinal: 0 }
    if (earlier) this.#emit(mergeRecords(earlier as DeltaRecord, record))
  }

  #alternate(entry: Entry): void {
    const series = this.#seriesOf(entry.record)
    if (!series.begun) {
      series.begun = true
      this.#emit(entry.record)
    } else if (series.open === null) {
      series.open = entry
      series.skipped = null
    } else {
      const earlier = series.open
      series.open = null
      const laterStays = sizeOf(entry.record) >= sizeOf(earlier.record)
      series.skipped = laterStays || entry.record.k === 'threads' ? null : entry
      if (laterStays) this.#dropFor(earlier, entry)
      else this.#dropFor(entry, earlier)
    }
  }

  /** Emits both in their order, of the one that is dropped only what totals hang on. */
  #dropFor(dropped: Entry, kept: Entry): void {
    if (dropped.record.k === 'stall') this.#leave('stall', 1)
    const rest = this.#boundary(dropped)
    const stays = withRare(kept.record, dropped.record)
    const inOrder = timeOf(dropped.record) <= timeOf(stays) ? [rest, stays] : [stays, rest]
    for (const record of inOrder) if (record) this.#emit(record)
  }

  #boundary({ record, ordinal }: Entry): RecordOf<'threads'> | null {
    if (record.k !== 'threads' || this.#step === 'without-the-gone') return null
    const rows = this.#survey.boundaryRows(record, ordinal)
    return rows.length > 0 ? { ...record, ...columnsOf(rows) } : null
  }

  #leave(kind: string, count: number): void {
    this.left.set(kind, (this.left.get(kind) ?? 0) + count)
  }

  #seriesOf(record: AnyRecord): Series {
    const of = record as unknown as Record<string, unknown>
    const key = IDENTITY.map((field) => of[field]).join('\0')
    let series = this.#series.get(key)
    if (!series) this.#series.set(key, (series = { begun: false, open: null, skipped: null }))
    return series
  }
}

function sizeOf(record: AnyRecord): number {
  if (record.k === 'stall') return record.ms
  return (SIZE[record.k] as ((record: AnyRecord) => number) | undefined)?.(record) ?? 0
}

/** Proportional memory and sockets are measured at few sweeps only: a neighbour that goes hands them on. */
function withRare(kept: AnyRecord, dropped: AnyRecord): AnyRecord {
  if (kept.k !== 'proc' || dropped.k !== 'proc') return kept
  const { pss, sockets } = dropped
  return { ...(pss !== undefined && { pss }), ...(sockets !== undefined && { sockets }), ...kept }
}

function timeOf(record: AnyRecord): number {
  return 't' in record ? record.t : 0
}
