import { HoldupError } from '../errors.ts'
import { formatMs } from '../units.ts'
import { Decoder } from './decode.ts'
import { LineSplitter } from './line-splitter.ts'
import type { Recording } from './recording.ts'
import { FORMAT, LIMITS } from './schema.ts'
import type { AnyRecord } from './schema.ts'
import { locateRecording, readContents } from './source.ts'

export type { Recording } from './recording.ts'

/** A header is about a kilobyte: what has no line within this is no recording. */
const HEADER_BYTES = 1 << 20
/** After so many lines that are no records the rest isn't worth the time. */
const INVALID_LINES = 100_000
const BEGINNING = `{"format":"${FORMAT}"`

/**
 * Reads a recording, plain or gzip, or the one in a folder. Bad lines are skipped and counted, and one that is cut off
 * anywhere is read up to its last whole line; `limits` are lower only in tests.
 * @throws {HoldupError} `recording-not-found`, `-not-readable`, `-not-a-recording`, `-empty` or `-future-version`.
 */
export async function readRecording(
  path: string,
  limits: Pick<typeof LIMITS, 'totalBytes' | 'lineBytes'> = LIMITS,
): Promise<Recording> {
  const file = await locateRecording(path)
  const decoder = new Decoder(file)
  const splitter = new LineSplitter(
    limits.lineBytes,
    (line) => decoder.line(line),
    () => decoder.invalid(),
  )
  let beginning = ''
  const cutOff = await readContents(file, limits.totalBytes, (chunk) => {
    if (beginning.length < BEGINNING.length) beginning += chunk.toString('latin1', 0, BEGINNING.length)
    splitter.push(chunk)
    if (!decoder.recording.header && splitter.restBytes > HEADER_BYTES) throw notARecording(file)
    return decoder.recording.problems.invalidLines > INVALID_LINES ? 'too many of its lines are no records' : null
  })
  const { header, records, ...rest } = decoder.recording
  if (!header) throw BEGINNING.startsWith(beginning.slice(0, BEGINNING.length)) ? empty(file) : notARecording(file)
  sortByTime(records)
  rest.problems.cutOff = decoder.ended ? cutOff : sayCutOff(cutOff, records, splitter.restBytes)
  return { header, records, ...rest }
}

function empty(path: string): HoldupError {
  return new HoldupError('recording-empty', { path })
}

function notARecording(path: string): HoldupError {
  return new HoldupError('recording-not-a-recording', { path, reason: 'it does not begin with a header' })
}

function sayCutOff(reason: string | null, records: readonly AnyRecord[], restBytes: number): string {
  const why = reason ?? (restBytes > 0 ? 'it ends within a line' : 'it ends without its end record')
  return `${why}, ${formatMs(timeOf(records.at(-1)))} in`
}

/** Agents' records come later than those of holdup's own sweeps; they are nearly in order. */
function sortByTime(records: AnyRecord[]): void {
  const inOrder = records.every((record, index) => index === 0 || placeOf(records[index - 1]) <= placeOf(record))
  if (!inOrder) records.sort((a, b) => placeOf(a) - placeOf(b) || 0)
}

/** The end is last, whatever its clock says; `Infinity - Infinity` is why the sort falls back to 0. */
function placeOf(record: AnyRecord | undefined): number {
  return record?.k === 'end' ? Infinity : timeOf(record)
}

function timeOf(record: AnyRecord | undefined): number {
  return record && 't' in record ? record.t : 0
}
