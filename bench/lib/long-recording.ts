import { readRecording } from '../../src/recording/read.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { columnsOf, rowsOf, type SweepRow } from '../../src/recording/sweep.ts'
import { RecordingWriter } from '../../src/recording/writer.ts'
import type { Milliseconds } from '../../src/units.ts'

/** How long, and of how many threads, most of them copies of the source's workers. */
export interface Size {
  ms: Milliseconds
  threads: number
}

/** With more threads than this each copy reports its waits once a round alone, else the writer would be at work for an hour itself. */
const TALKATIVE = 256
/** As the probe proc looks at. */
const THREADS_A_SWEEP = 256
/** Above all ids of the source. */
const COPY_IDS = 1_000_000
/** Between two rounds of records the writer gets to its timers. */
const BREATH_RECORDS = 20_000

type TimedRecord = Extract<AnyRecord, { t: Milliseconds }>

/**
 * A recording of that size, written by holdup's own writer: a real one, round after round, its workers so many times over.
 * @returns the path of the finished recording.
 */
export async function longRecording(source: string, path: string, { ms, threads }: Size): Promise<string> {
  const { header, records: all, strings, stacks } = await readRecording(source)
  const records = all.filter((record): record is TimedRecord => 't' in record)
  let now: Milliseconds = 0
  const writer = await RecordingWriter.open(path, header, { now: () => now })
  // In their old order they get their old ids.
  for (const text of strings) writer.string(text)
  for (const stack of stacks) writer.stack(stack.map((id) => strings[id] ?? '?'))

  const workers = new Set(
    records.flatMap((record) => (record.k === 'node' && record.tid !== record.pid ? [record.tid] : [])),
  )
  const copies = Math.max(1, Math.round(threads / Math.max(1, workers.size)))
  const round = records.reduce((last, record) => Math.max(last, record.t), 0)
  const grown = growthOf(records)
  let written = 0
  for (let lap = 0; lap * round < ms; lap++) {
    const waited = new Set<number>()
    for (const record of records) {
      if (record.k === 'end' || record.k === 'process-exit' || record.k === 'thread-exit') continue
      // What is there once is there from the beginning.
      if (lap > 0 && ['process', 'thread', 'node', 'worker-birth', 'waiting'].includes(record.k)) continue
      now = record.t + lap * round
      if (now > ms) break
      for (const copy of copied(later(record, lap, round, grown), { workers, copies, waited })) {
        writer.add(copy)
        if (++written % BREATH_RECORDS === 0) await new Promise(setImmediate)
      }
    }
  }
  const end = records.find((record) => record.k === 'end')
  return writer.close({ exit: end?.exit ?? null, probes: end?.probes ?? [], reason: 'duration' })
}

/** What cumulative counters grew by over the whole of a recording, by process and by thread. */
function growthOf(records: readonly TimedRecord[]): Map<string, [cpu: Milliseconds, queued: Milliseconds]> {
  const grown = new Map<string, [number, number]>()
  for (const record of records) {
    if (record.k === 'proc') grown.set(`${record.pid}`, [record.cpuMs, 0])
    if (record.k === 'threads')
      for (const [tid, cpu, queued] of rowsOf(record)) grown.set(`${record.pid}/${tid}`, [cpu, queued])
  }
  return grown
}

/** The record as it would be some rounds later. */
function later(record: TimedRecord, lap: number, round: Milliseconds, grown: ReturnType<typeof growthOf>): TimedRecord {
  const shift = lap * round
  const moved = { ...record, t: record.t + shift }
  const by = (key: string) => grown.get(key) ?? [0, 0]
  if (moved.k === 'proc') moved.cpuMs += lap * by(`${moved.pid}`)[0]
  if (moved.k === 'threads') {
    const rows = rowsOf(moved).map(([tid, cpu, queued, ...state]): SweepRow => {
      const [moreCpu, moreQueued] = by(`${moved.pid}/${tid}`)
      return [tid, cpu + lap * moreCpu, queued + lap * moreQueued, ...state]
    })
    Object.assign(moved, columnsOf(rows))
  }
  if ('from' in moved) moved.from += shift
  if ('since' in moved) moved.since += shift
  if (moved.k === 'gc') moved.long = moved.long.map(([end, ms, kind]) => [end + shift, ms, kind])
  return moved
}

/** The record, and of a worker's the same of each copy. */
function* copied(
  record: TimedRecord,
  { workers, copies, waited }: { workers: ReadonlySet<number>; copies: number; waited: Set<number> },
): Generator<TimedRecord> {
  if (record.k === 'threads') {
    const rows = rowsOf(record).flatMap(([tid, ...row]) =>
      (workers.has(tid) ? idsOf(tid, copies) : [tid]).map((id): SweepRow => [id, ...row]),
    )
    yield { ...record, of: rows.length, ...columnsOf(subset(rows)) }
    return
  }
  yield record
  // Of a pool's workers only some are profiled, however many there are.
  if (!('tid' in record) || !workers.has(record.tid) || record.k === 'profile') return
  if (copies * workers.size > TALKATIVE) {
    if (!['thread', 'node', 'wait'].includes(record.k)) return
    if (record.k === 'wait' && waited.has(record.tid)) return
    if (record.k === 'wait') waited.add(record.tid)
  }
  for (const [copy, tid] of idsOf(record.tid, copies).entries())
    if (copy > 0)
      yield record.k === 'node' ? { ...record, tid, threadId: record.threadId + copy * COPY_IDS } : { ...record, tid }
}

function idsOf(tid: number, copies: number): number[] {
  return Array.from({ length: copies }, (_, copy) => tid + copy * COPY_IDS)
}

/** Random, as the probe's own. */
function subset(rows: SweepRow[]): SweepRow[] {
  if (rows.length <= THREADS_A_SWEEP) return rows
  const chosen = Float64Array.from(rows, () => Math.random())
  const limit = chosen.toSorted()[THREADS_A_SWEEP] ?? 1
  return rows.filter((_, i) => (chosen[i] ?? 1) < limit)
}
