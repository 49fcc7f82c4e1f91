import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { HoldupError } from '../../src/errors.ts'
import { readRecording } from '../../src/recording/read.ts'
import { temporaryFolder } from '../support/cli.ts'
import { generateRecords, HEADER, KINDS, randomFrom } from './generate.ts'
import { END, writeLines, writeRecording } from './write-recording.ts'

async function codeOf(path: string): Promise<string> {
  return readRecording(path).then(
    () => 'read',
    (error: unknown) => (error instanceof HoldupError ? error.code : String(error)),
  )
}

describe('read(write(r)) = r', () => {
  test.each([1, 2, 3])('records of every kind, seed %i', async (seed) => {
    const records = generateRecords(KINDS.length * 20, randomFrom(seed))
    const path = await writeRecording(records)
    expect(path).toMatch(/recording\.ndjson\.gz$/)
    const read = await readRecording(path)
    expect(read.header).toEqual(HEADER)
    expect(read.problems).toEqual({ invalidLines: 0, unknownKinds: 0, cutOff: null })
    expect(read.records.at(-1)).toEqual({ k: 'end', ...END })
    expect(read.records.slice(0, -1)).toEqual(records)
  })

  test('plain, gzip, and the folder of either give the same; what the file is called does not matter', async () => {
    const path = await writeRecording(generateRecords(100, randomFrom(4)))
    const expected = await readRecording(path)
    const folder = temporaryFolder()
    const plain = join(folder, 'recording.ndjson')
    const misnamed = join(folder, 'misnamed.txt')
    writeFileSync(plain, gunzipSync(readFileSync(path)))
    writeFileSync(misnamed, readFileSync(path))
    for (const other of [plain, folder, misnamed, join(path, '..')]) {
      const read = await readRecording(other)
      expect(read.records).toEqual(expected.records)
    }
    await expect(readRecording(folder)).resolves.toMatchObject({ file: plain })
  })
})

describe('a recording cut at every 1,000th byte', () => {
  const dense = generateRecords(700, randomFrom(5))

  async function expectPrefix(bytes: Buffer, cut: number, whole: readonly unknown[]): Promise<void> {
    const path = join(temporaryFolder(), 'cut')
    writeFileSync(path, bytes.subarray(0, cut))
    const { records, problems } = await readRecording(path)
    expect(records).toEqual(whole.slice(0, records.length))
    expect(problems.invalidLines).toBe(0)
    expect(problems.cutOff).toMatch(/^it ends (?:within a line|without its end record), [\d,.]+ m?s in$/)
  }

  test('plain: holds every whole line, and says that it is cut off', async () => {
    const path = await writeRecording(dense)
    const whole = (await readRecording(path)).records
    const bytes = gunzipSync(readFileSync(path))
    for (let cut = 1000; cut < bytes.length; cut += 1000) await expectPrefix(bytes, cut, whole)
    const path2 = join(temporaryFolder(), 'cut')
    writeFileSync(path2, bytes.subarray(0, bytes.indexOf('\n', 30_000) - 1))
    const lines = bytes.subarray(0, 30_000).toString().split('\n').length - 1
    expect((await readRecording(path2)).records).toHaveLength(lines - 1)
  })

  test('gzip: the same, as far as it can be decompressed', async () => {
    const path = await writeRecording(dense)
    const whole = (await readRecording(path)).records
    const bytes = readFileSync(path)
    for (let cut = 1000; cut < bytes.length - 8; cut += 1000) await expectPrefix(bytes, cut, whole)
  })

  test('inside the header: recording-empty', async () => {
    const path = await writeRecording([])
    const bytes = readFileSync(path)
    const plain = gunzipSync(bytes)
    const folder = temporaryFolder()
    for (const [name, content] of [
      ['nothing', Buffer.alloc(0)],
      ['10 bytes', plain.subarray(0, 10)],
      ['100 bytes', plain.subarray(0, 100)],
      ['gzip', bytes.subarray(0, 15)],
    ] as const) {
      writeFileSync(join(folder, name), content)
      expect(await codeOf(join(folder, name))).toBe('recording-empty')
    }
  })

  test('damaged inside gzip: what came before is read', async () => {
    const path = await writeRecording(dense)
    const bytes = readFileSync(path)
    const middle = Math.floor(bytes.length * 0.7)
    bytes.fill(0xff, middle, middle + 500)
    writeFileSync(path, bytes)
    const { records, problems } = await readRecording(path)
    expect(records.length).toBeGreaterThan(50)
    expect(problems.cutOff).not.toBeNull()
  })
})

describe('what is no recording', () => {
  test.each([
    ['prose', 'Lorem ipsum\ndolor'],
    ['one endless line', 'x'.repeat(2 << 20)],
    ['other JSON', '{"format":"other"}\n'],
    ['an array', '[]\n'],
    ['null', 'null\n'],
    ['no version', '{"format":"holdup-recording"}\n'],
    ['version -1', '{"format":"holdup-recording","version":-1}\n'],
    ['a header without fields', '{"format":"holdup-recording","version":2}\n'],
    ['a header that nests', `${'['.repeat(100_000)}\n`],
    ['zeros', '\0'.repeat(5000)],
  ])('%s: recording-not-a-recording', async (_, content) => {
    const path = join(temporaryFolder(), 'file')
    writeFileSync(path, content)
    expect(await codeOf(path)).toBe('recording-not-a-recording')
    writeFileSync(path, gzipSync(content))
    expect(await codeOf(path)).toBe('recording-not-a-recording')
  })

  test('a device and an empty folder', async () => {
    expect(await codeOf('/dev/zero')).toBe('recording-not-a-recording')
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'empty'))
    expect(await codeOf(join(folder, 'empty'))).toBe('recording-not-found')
    expect(await codeOf(join(folder, 'none'))).toBe('recording-not-found')
  })

  test('a future version names itself and its maker', async () => {
    const path = writeLines([], { ...HEADER, version: 7, holdup: '9.9.9', unknown: true })
    await expect(readRecording(path)).rejects.toMatchObject({
      code: 'recording-future-version',
      what: expect.stringContaining('holdup 9.9.9'),
      why: 'its format is version 7, this holdup reads up to 2',
    })
  })
})
