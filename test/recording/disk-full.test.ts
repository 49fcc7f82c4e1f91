import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import { RecordingWriter } from '../../src/recording/writer.ts'
import { temporaryFolder } from '../support/cli.ts'
import { generateRecords, HEADER, randomFrom } from './generate.ts'
import { END } from './write-recording.ts'

const mayMount = mountable()

/** A file system of its own, of `size`. */
function smallDisk(size: string): string {
  const folder = temporaryFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder])
  })
  return folder
}

function mountable(): boolean {
  const folder = join(tmpdir(), 'holdup-mount-test')
  try {
    mkdirSync(folder, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test.skipIf(!existsSync('/dev/full'))(
  'a disk that is full from the start: open says so (needs /dev/full)',
  async () => {
    const folder = temporaryFolder()
    symlinkSync('/dev/full', join(folder, 'recording.ndjson'))
    await expect(RecordingWriter.open(join(folder, 'recording.ndjson'), HEADER)).rejects.toMatchObject({
      code: 'disk-full',
      why: 'no space left on device',
    })
  },
)

test.skipIf(!mayMount)(
  'a disk that fills up: the recording stops growing and stays readable (needs root for a tmpfs)',
  async () => {
    const folder = smallDisk('256k')
    const failures: Error[] = []
    const writer = await RecordingWriter.open(join(folder, 'recording.ndjson'), HEADER, {
      onFailure: (error) => failures.push(error),
    })
    const records = generateRecords(5000, randomFrom(1))
    for (const record of records.slice(0, 300)) writer.add(record)
    await expect.poll(() => writer.bytes, { timeout: 3000 }).toBeGreaterThan(20_000)
    for (const record of records.slice(300)) writer.add(record)
    await expect.poll(() => writer.failure, { timeout: 3000 }).not.toBeNull()
    const { bytes } = writer
    for (let round = 0; round < 100; round++) {
      writer.add({ k: 'mark', t: 1e6, label: 'x' })
      writer.string(`late ${round}`)
    }
    const path = await writer.close(END)
    expect(failures).toEqual([writer.failure])
    expect(writer.failure).toMatchObject({ code: 'disk-full', try: `df -h ${folder}` })
    expect(writer.bytes).toBe(bytes)
    const read = await readRecording(path)
    expect(read.records).toEqual(records.slice(0, read.records.length))
    expect(read.records.length).toBeGreaterThan(100)
    expect(read.problems).toMatchObject({ invalidLines: 0, cutOff: expect.stringContaining('without its end record') })
  },
)

test.skipIf(!mayMount)('no room to compress: the plain recording is kept, whole (needs root for a tmpfs)', async () => {
  const folder = smallDisk('256k')
  const writer = await RecordingWriter.open(join(folder, 'recording.ndjson'), HEADER)
  const records = generateRecords(200, randomFrom(1))
  for (const record of records) writer.add(record)
  await expect.poll(() => writer.bytes, { timeout: 3000 }).toBeGreaterThan(20_000)
  try {
    writeFileSync(join(folder, 'filler'), Buffer.alloc(200_000))
    writeFileSync(join(folder, 'filler2'), Buffer.alloc(200_000))
  } catch {
    // Now it is full but for the piece that the end record takes in its last page.
  }
  const path = await writer.close(END)
  expect(readdirSync(folder)).toContain('recording.ndjson')
  expect(readdirSync(folder)).not.toContain('recording.ndjson.gz.part')
  expect(path).toBe(join(folder, 'recording.ndjson'))
  expect(writer.failure).toMatchObject({ code: 'disk-full' })
  expect((await readRecording(path)).records.slice(0, 200)).toEqual(records)
})
