import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'
import { expect, test } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import { temporaryFolder } from '../support/cli.ts'
import { HEADER } from './generate.ts'
import { writeLines } from './write-recording.ts'
import { indexRecords } from '../../src/analysis/index-records.ts'
import { threadSamples } from '../../src/analysis/thread-samples.ts'

const mark = { k: 'mark', t: 1, label: 'fine' }

test.each([
  ['no JSON', 'garbage'],
  ['an empty line', ''],
  ['NaN', '{"k":"mark","t":NaN,"label":"x"}'],
  ['an infinite number', '{"k":"mark","t":1e999,"label":"x"}'],
  ['a wrong type', '{"k":"mark","t":"1","label":"x"}'],
  ['a missing field', '{"k":"mark","t":1}'],
  ['null', 'null'],
  ['a number', '12'],
  ['an array', '[{"k":"mark"}]'],
  ['a kind that is no text', '{"k":{"a":1},"t":1}'],
  ['a text over the limit', JSON.stringify({ ...mark, label: 'x'.repeat(5000) })],
  ['deep nesting', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ['deep nesting in a field', `{"k":"mark","t":1,"label":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
  [
    'an infinite wait id',
    '{"k":"threads","t":1,"pid":1,"of":1,"tids":[1],"cpuMs":[0],"queuedMs":[0],"states":"S","waits":[1e999]}',
  ],
  [
    'a huge list',
    `{"k":"loop","t":1,"pid":1,"tid":1,"ms":1,"utilization":null,"delays":[${'[1,1],'.repeat(100_000)}[1,1]]}`,
  ],
  ['a negative id', '{"k":"string","id":-1,"s":"x"}'],
  ['a huge id', '{"k":"string","id":4294967295,"s":"x"}'],
  ['a huge stack id', '{"k":"stack","id":1e300,"frames":[]}'],
  ['a stack too deep', JSON.stringify({ k: 'stack', id: 0, frames: Array.from({ length: 300 }, () => 0) })],
])('%s is skipped and counted', async (_, line) => {
  const { records, problems } = await readRecording(writeLines([mark, line, mark]))
  expect(records).toEqual([mark, mark])
  expect(problems).toMatchObject({ invalidLines: 1, unknownKinds: 0 })
})

test.each(['tomorrow', 'toString', '__proto__', 'constructor', 'hasOwnProperty'])(
  'an unknown kind "%s" is counted',
  async (k) => {
    const { records, problems } = await readRecording(writeLines([{ ...mark, k }, mark]))
    expect(records).toEqual([mark])
    expect(problems).toMatchObject({ invalidLines: 0, unknownKinds: 1 })
  },
)

test('prototypes stay as they are, and no field beyond the schema gets through', async () => {
  const lines = [
    '{"k":"mark","t":1,"label":"a","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"extra":1}',
    '{"__proto__":{"k":"mark","t":1,"label":"inherited"}}',
    '{"k":"end","t":2,"reason":"x","exit":{"code":0,"signal":null,"__proto__":{"polluted":1}},"probes":[]}',
  ]
  const header = `${JSON.stringify(HEADER).slice(0, -1)},"__proto__":{"polluted":1}}`
  const read = await readRecording(writeLines(lines, header))
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
  expect(read.header).toEqual(HEADER)
  expect(Object.keys(read.header)).not.toContain('__proto__')
  expect(read.records.map((record) => Object.getOwnPropertyNames(record))).toEqual([
    ['k', 't', 'label'],
    ['k', 't', 'reason', 'exit', 'probes'],
  ])
  expect(read.problems.invalidLines).toBe(1)
})

test('ids of texts and stacks: gaps stay empty, the first of two counts, unknown ones are just not there', async () => {
  const read = await readRecording(
    writeLines([
      { k: 'string', id: 2, s: 'two' },
      { k: 'string', id: 2, s: 'again' },
      { k: 'stack', id: 1, frames: [2, 99] },
      { k: 'waiting', t: 1, pid: 1, tid: 1, slot: 'a', stack: 12_345, since: 0 },
    ]),
  )
  expect(read.strings).toEqual(['', '', 'two'])
  expect(read.stacks).toEqual([[], [2, 99]])
  expect(read.records).toHaveLength(1)
  expect(read.problems.invalidLines).toBe(1)
})

test('more columns in a row than are known are left out', async () => {
  const line = '{"k":"on-cpu","t":1,"pid":1,"rows":[[1,0.5,5,0,"new"]]}'
  const { records } = await readRecording(writeLines([line]))
  expect(records).toEqual([{ k: 'on-cpu', t: 1, pid: 1, rows: [[1, 0.5, 5, 0]] }])
})

test('of columns of unequal length the rows count that all have', async () => {
  const line =
    '{"k":"threads","t":1,"pid":1,"of":2,"tids":[1,2],"cpuMs":[5],"queuedMs":[0,0],"states":"SS","waits":[-1,-1]}'
  const { header, records, strings, stacks, problems } = await readRecording(writeLines([line]))
  const source = indexRecords({ header, records, strings, stacks, problems }, [0, 10])
  expect([...threadSamples(source).keys()]).toEqual(['1/1'])
})

test('a line over the limit is skipped', async () => {
  const path = writeLines([mark, 'x'.repeat(20_000), mark])
  const { records, problems } = await readRecording(path, { lineBytes: 10_000, totalBytes: 1e6 })
  expect(records).toEqual([mark, mark])
  expect(problems.invalidLines).toBe(1)
})

test('more bytes than the limit are not read', async () => {
  const path = writeLines(Array.from({ length: 1000 }, () => mark))
  const { records, problems } = await readRecording(path, { lineBytes: 10_000, totalBytes: 10_000 })
  expect(records.length).toBeGreaterThan(200)
  expect(records.length).toBeLessThan(400)
  expect(problems.cutOff).toBe('only the first 10 kB were read, it holds more than fits in memory, 1 ms in')
})

/** One gigabyte of `line` in a gzip of a few megabytes. */
async function bomb(line: string): Promise<string> {
  const path = join(temporaryFolder(), 'bomb.gz')
  const block = line.repeat(Math.ceil((1 << 20) / line.length))
  const blocks = function* (): Generator<string> {
    yield `${JSON.stringify(HEADER)}\n`
    for (let megabyte = 0; megabyte < 1024; megabyte++) yield block
  }
  await pipeline(blocks(), createGzip({ level: 1 }), createWriteStream(path))
  return path
}

test.each([
  ['one endless line', 'x'],
  ['empty lines', '\n'],
  ['valid records', `${JSON.stringify(mark)}\n`],
])('a gigabyte of %s from gzip is read in 128 MB of heap', { timeout: 120_000 }, async (_, line) => {
  const child = fileURLToPath(new URL('read-in-child.ts', import.meta.url))
  const run = promisify(execFile)
  const args = ['--max-old-space-size=128', '--import', 'tsx', child, await bomb(line)]
  const { stdout } = await run(process.execPath, args)
  expect(JSON.parse(stdout)).toMatchObject({ cutOff: expect.stringMatching(/only the first|it ends|too many/) })
})
