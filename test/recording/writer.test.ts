import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import { LIMITS } from '../../src/recording/schema.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { RecordingWriter } from '../../src/recording/writer.ts'
import { temporaryFolder } from '../support/cli.ts'
import { generateRecords, HEADER, randomFrom } from './generate.ts'
import { END } from './write-recording.ts'

const mark = (label: string): AnyRecord => ({ k: 'mark', t: 1, label })

function pathInNewFolder(): string {
  return join(temporaryFolder(), 'reports/run', 'recording.ndjson')
}

test('makes its folder, holds the header at once, and a finished one is gzip alone', async () => {
  const path = pathInNewFolder()
  const writer = await RecordingWriter.open(path, { ...HEADER })
  expect(readFileSync(path, 'utf8')).toMatch(/^\{"format":"holdup-recording","version":2,.*\}\n$/)
  expect(await writer.close(END)).toBe(`${path}.gz`)
  expect(readdirSync(dirname(path))).toEqual(['recording.ndjson.gz'])
})

test('what an earlier recording left in the folder does not stay beside it', async () => {
  const path = pathInNewFolder()
  mkdirSync(dirname(path), { recursive: true })
  for (const stale of ['', '.gz', '.gz.part', '.thin']) writeFileSync(path + stale, 'stale')
  const writer = await RecordingWriter.open(path, HEADER)
  expect(readdirSync(dirname(path))).toEqual(['recording.ndjson'])
  await writer.close(END)
})

test('writes within 250 ms of the record, without being asked', async () => {
  const path = pathInNewFolder()
  const writer = await RecordingWriter.open(path, HEADER)
  const before = writer.bytes
  writer.add(mark('soon'))
  await expect.poll(() => writer.bytes, { timeout: 2000, interval: 20 }).toBeGreaterThan(before)
  expect(readFileSync(path, 'utf8')).toContain('"soon"')
  await writer.close(END)
})

test('interns each text and stack once, before what refers to it', async () => {
  const writer = await RecordingWriter.open(pathInNewFolder(), HEADER)
  const ids = ['a', 'b', 'a', 'b'].map((text) => writer.string(text))
  const stacks = [['a', 'c'], ['c'], ['a', 'c']].map((frames) => writer.stack(frames))
  expect([ids, stacks]).toEqual([
    [0, 1, 0, 1],
    [0, 1, 0],
  ])
  const read = await readRecording(await writer.close(END))
  expect(read.strings).toEqual(['a', 'b', 'c'])
  expect(read.stacks).toEqual([[0, 2], [2]])
})

test('text over the limit loses its middle, a stack over the limit too', async () => {
  const writer = await RecordingWriter.open(pathInNewFolder(), HEADER)
  const long = `${'a'.repeat(10_000)}${'z'.repeat(10_000)}`
  writer.string(long)
  writer.stack(Array.from({ length: 1000 }, (_, depth) => `frame ${depth}`))
  writer.add(mark(long))
  writer.add({ k: 'gc', t: 2, pid: 1, tid: 1, n: 1, ms: 1, long: [[1, 1, long]] })
  const { strings, stacks, records, problems } = await readRecording(await writer.close(END))
  expect(problems.invalidLines).toBe(0)
  expect(strings[0]).toHaveLength(LIMITS.text)
  expect(strings[0]).toMatch(/^a+…z+$/)
  expect(records.slice(0, 2)).toMatchObject([{ label: strings[0] }, { long: [[1, 1, strings[0]]] }])
  expect(stacks[0]).toHaveLength(LIMITS.frames - 1)
  const frames = stacks[0]?.map((id) => strings[id])
  expect([frames?.[0], frames?.[127], frames?.at(-1)]).toEqual(['frame 0', '(746 frames left out)', 'frame 999'])
})

test('no call throws, whatever it is given', async () => {
  const writer = await RecordingWriter.open(pathInNewFolder(), HEADER, {
    onFailure: () => {
      throw new Error('not ours')
    },
  })
  const circular: Record<string, unknown> = { k: 'mark' }
  circular['self'] = circular
  const poison = {
    get k() {
      throw new Error('poison')
    },
  }
  for (const wrong of [null, undefined, 1, 'x', 1n, circular, poison, { k: 'mark', t: 1n }, Symbol('x')]) {
    expect(() => writer.add(wrong as never)).not.toThrow()
    expect(writer.string(wrong as never)).toBeTypeOf('number')
    expect(writer.stack(wrong as never)).toBeTypeOf('number')
    expect(writer.stack([wrong] as never)).toBeTypeOf('number')
  }
  writer.add({ k: 'profile', t: 1, pid: 1, tid: 1, from: 0, nodes: [], samples: [], deltasUs: Array(4e6).fill(1234) })
  writer.add(mark('after'))
  const { records } = await readRecording(await writer.close(END))
  expect(records).toContainEqual(mark('after'))
  // What no line can hold is counted as holdup's own loss.
  const dropped = records.flatMap((record) => (record.k === 'dropped' ? record.n : []))
  expect(dropped.reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(6)
  expect(writer.failure).toBeNull()
  expect(() => writer.add(mark('too late'))).not.toThrow()
})

test('closing twice gives the same path', async () => {
  const writer = await RecordingWriter.open(pathInNewFolder(), HEADER)
  const [first, second] = await Promise.all([writer.close(END), writer.close(END)])
  expect(first).toBe(second)
  expect(existsSync(first)).toBe(true)
})

test('a record is not changed by what happens to it after it was added', async () => {
  const writer = await RecordingWriter.open(pathInNewFolder(), HEADER)
  const record = { k: 'mark' as const, t: 1, label: 'before' }
  writer.add(record)
  record.label = 'after'
  const { records } = await readRecording(await writer.close(END))
  expect(records[0]).toEqual(mark('before'))
})

test('open says why it cannot write', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await expect(RecordingWriter.open(join(file, 'recording.ndjson'), HEADER)).rejects.toMatchObject({
    code: 'output-not-writable',
    why: expect.stringMatching(/folder/),
  })
  await expect(RecordingWriter.open(folder, HEADER)).rejects.toMatchObject({
    code: 'output-not-writable',
    why: 'it is a folder',
  })
})

test('adding costs microseconds', async () => {
  const writer = await RecordingWriter.open(pathInNewFolder(), HEADER)
  const records = generateRecords(20_000, randomFrom(1))
  const before = performance.now()
  for (const record of records) writer.add(record)
  expect((performance.now() - before) / records.length).toBeLessThan(0.1)
  await sleep(1)
  await writer.close(END)
})
