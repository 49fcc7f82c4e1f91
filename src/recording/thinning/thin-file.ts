import { createReadStream } from 'node:fs'
import type { Bytes, Milliseconds } from '../../units.ts'
import type { AppendFile } from '../append-file.ts'
import { encodeLine } from '../encode.ts'
import { LineSplitter } from '../line-splitter.ts'
import { LIMITS } from '../schema.ts'
import type { AnyRecord } from '../schema.ts'
import { Survey } from './survey.ts'
import { Thinner } from './thinner.ts'
import type { Step } from './thinner.ts'

/** Read at once: parsing it takes about 5 ms, so holdup's own sweeps stay on time. */
const CHUNK_BYTES = 256 << 10
/** Interned text is kept wherever it stands. */
const INTERNED = /^\{"k":"(?:string|stack)"/

/**
 * Writes the first `bytes` of `source`, whole lines, to `target`: the older half of its records thinned, the rest as it
 * is. Memory stays bounded, and between chunks other work goes on.
 */
export async function thinFile(
  source: AppendFile,
  target: AppendFile,
  options: { step: Step; bytes: Bytes; internedBytes: Bytes; now: () => Milliseconds; signal: AbortSignal },
): Promise<void> {
  const { bytes, internedBytes, step, signal } = options
  const { survey, boundary, before } = await surveyOlderHalf(source, bytes, (bytes - internedBytes) / 2, signal)
  let lines: string[] = []
  const keep = (record: object) => lines.push(encodeLine(record) ?? '')
  const thinner = new Thinner(step, survey, keep)
  let header = true
  const read = new LineSplitter(
    LIMITS.lineBytes,
    (line) => {
      if (header || INTERNED.test(line)) lines.push(`${line}\n`)
      else thinner.push(JSON.parse(line) as AnyRecord)
      header = false
    },
    () => {},
  )
  const flush = async () => {
    const text = lines.join('')
    lines = []
    await target.append(Buffer.from(text))
  }
  for await (const chunk of readRange(source, 0, boundary, signal)) {
    read.push(chunk)
    await flush()
  }
  thinner.end()
  const left = [...thinner.left]
  keep({ k: 'thinned', t: options.now(), before, ...(left.length > 0 && { left }) })
  await flush()
  await copyRange(source, target, { from: boundary, to: bytes, signal })
}

/** Appends a range of whole lines as it is. */
export async function copyRange(
  source: AppendFile,
  target: AppendFile,
  { from, to, signal }: { from: Bytes; to: Bytes; signal?: AbortSignal },
): Promise<void> {
  for await (const chunk of readRange(source, from, to, signal)) await target.append(chunk)
}

async function surveyOlderHalf(
  source: AppendFile,
  bytes: Bytes,
  olderBytes: Bytes,
  signal: AbortSignal,
): Promise<{ survey: Survey; boundary: Bytes; before: Milliseconds }> {
  const survey = new Survey()
  let boundary = 0
  let older = 0
  let last = ''
  const splitter = new LineSplitter(
    LIMITS.lineBytes,
    (line, lineBytes) => {
      if (older >= olderBytes) return
      boundary += lineBytes
      if (INTERNED.test(line)) return
      older += lineBytes
      last = line
      if (Survey.reads(line)) survey.add(JSON.parse(line) as AnyRecord)
    },
    () => {},
  )
  for await (const chunk of readRange(source, 0, bytes, signal)) {
    splitter.push(chunk)
    if (older >= olderBytes) break
  }
  const before = last === '' ? 0 : ((JSON.parse(last) as { t?: Milliseconds }).t ?? 0)
  return { survey, boundary, before }
}

function readRange(
  { path }: AppendFile,
  from: Bytes,
  to: Bytes,
  signal: AbortSignal | undefined,
): AsyncIterable<Buffer> {
  if (to <= from) return emptyStream()
  return createReadStream(path, { start: from, end: to - 1, highWaterMark: CHUNK_BYTES, ...(signal && { signal }) })
}

async function* emptyStream(): AsyncGenerator<Buffer> {
  // Nothing to read: createReadStream would take an end before the start for an error.
}
