import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { RecordingWriter } from '../../src/recording/writer.ts'
import { temporaryFolder } from '../support/cli.ts'
import { HEADER } from './generate.ts'
import { deltaTotals, ends } from './thinning/totals.ts'
import { END } from './write-recording.ts'
import { columnsOf } from '../../src/recording/sweep.ts'

/** One moment of a service with eight threads that wait for a lock. */
function moment(t: number): AnyRecord[] {
  const tids = [1, 2, 3, 4, 5, 6, 7, 8]
  const waits: [number, number][] = [
    [1, 1],
    [(t % 97) / 10, 2],
  ]
  return [
    { k: 'threads', t, pid: 1, of: 8, ...columnsOf(tids.map((tid) => [tid, t * 0.1, t * 0.01, 'S', -1])) },
    { k: 'proc', t, pid: 1, cpuMs: t, rss: 1e8 + t, threads: 8 },
    ...tids.map((tid): AnyRecord => {
      const own = { pid: 1, tid, slot: '64:0', async: false, stack: 0, from: t - 1 }
      return { k: 'wait', t, ...own, n: 3, ms: t % 31, max: t % 7, timedOut: 0, taken: 3, waits }
    }),
    { k: 'profile', t, pid: 1, tid: 1, from: t - 1, nodes: [[1, 0, 0]], samples: [1, 1, 1], deltasUs: [1, 2, 3] },
  ]
}

/** Adds what `make` gives for each moment, at the pace that the disk and thinning take; the largest size on the way. */
async function record(
  maxBytes: number,
  moments: number,
  make: (t: number, writer: RecordingWriter) => AnyRecord[],
): Promise<{ path: string; peak: number; added: AnyRecord[]; writer: RecordingWriter }> {
  const path = join(temporaryFolder(), 'recording.ndjson')
  let t = 0
  const writer = await RecordingWriter.open(path, HEADER, { maxBytes, now: () => t })
  const added: AnyRecord[] = []
  let peak = 0
  writer.string('frame')
  writer.stack(['frame'])
  for (t = 1; t <= moments; t++) {
    for (const one of make(t, writer)) {
      added.push(one)
      writer.add(one)
    }
    if (t % 1000 === 0) await sleep(100)
    peak = Math.max(peak, writer.bytes)
  }
  const finished = await writer.close(END)
  peak = Math.max(peak, writer.bytes)
  expect(readdirSync(dirname(path))).toEqual(['recording.ndjson.gz'])
  return { path: finished, peak, added, writer }
}

test('the cap holds for ever, and no total changes', { timeout: 120_000 }, async () => {
  const { path, peak, added, writer } = await record(1e6, 12_000, moment)
  expect(writer.failure).toBeNull()
  expect(peak).toBeLessThanOrEqual(1e6)
  expect(peak).toBeGreaterThan(7e5)
  expect(statSync(path).size).toBeLessThan(5e5)
  const { records, strings, stacks, problems } = await readRecording(path)
  expect(problems).toEqual({ invalidLines: 0, unknownKinds: 0, cutOff: null })
  expect([strings, stacks]).toEqual([['frame'], [[0]]])
  const thinned = records.filter((record) => record.k === 'thinned')
  expect(thinned.length).toBeGreaterThan(0)
  expect(thinned.length).toBeLessThan(4)
  const totals = deltaTotals(records.filter(({ k }) => k !== 'dropped'))
  for (const [name, value] of Object.entries(deltaTotals(added))) expect(totals[name], name).toBeCloseTo(value, 2)
  expect(ends(records)).toEqual(ends(added))
  // The newest moments are as they were added.
  const newest = added.slice(-1000)
  expect(records.filter(({ k }) => k !== 'thinned').slice(-1001, -1)).toEqual(newest)
})

test(
  'threads that come and go by the thousand: their identity goes, their number stays',
  { timeout: 120_000 },
  async () => {
    const { path, peak, writer } = await record(3e5, 6000, (t) => {
      const thread = { pid: 1, tid: 1000 + t }
      return [
        { k: 'worker-birth', t, pid: 1, tid: 1, worker: t },
        { k: 'thread', t, ...thread, name: 'worker' },
        { k: 'thread-exit', t, ...thread },
        { k: 'worker-death', t, pid: 1, tid: 1, worker: t, lifetimeMs: 1 },
      ]
    })
    expect(writer.failure).toBeNull()
    expect(peak).toBeLessThanOrEqual(3e5)
    const { records } = await readRecording(path)
    const left = records.flatMap((record) => (record.k === 'thinned' ? (record.left ?? []) : []))
    for (const kind of ['worker-birth', 'thread', 'thread-exit', 'worker-death'] as const) {
      const counted = left.reduce((sum, [name, count]) => sum + (name === kind ? count : 0), 0)
      expect(counted + records.filter(({ k }) => k === kind).length, kind).toBe(6000)
    }
  },
)

test('endless new texts share one id in the end', { timeout: 120_000 }, async () => {
  const { path, peak, writer } = await record(3e5, 6000, (t, sink) => {
    return [{ k: 'waiting', t, pid: 1, tid: 1, slot: 'a', since: 0, stack: sink.stack([`frame ${t}`, `caller ${t}`]) }]
  })
  expect(writer.failure).toBeNull()
  expect(peak).toBeLessThanOrEqual(3e5)
  const { strings, stacks, records } = await readRecording(path)
  expect(strings.at(-1)).toBe('(text left out: the recording holds too many)')
  const last = records.findLast(({ k }) => k === 'waiting')
  expect(last?.k === 'waiting' && stacks[last.stack ?? -1]?.map((id) => strings[id])).toEqual([strings.at(-1)])
})

test('what cannot be thinned stops the recording at the cap, with a reason', { timeout: 120_000 }, async () => {
  const path = join(temporaryFolder(), 'recording.ndjson')
  const writer = await RecordingWriter.open(path, HEADER, { maxBytes: 1e5, now: () => 1 })
  for (let t = 0; t < 5000; t++) writer.add({ k: 'mark', t, label: 'a mark that nobody may leave out' })
  await expect.poll(() => writer.failure, { timeout: 10_000 }).toMatchObject({ code: 'recording-full' })
  expect(await writer.close(END)).toBe(`${path}.gz`)
  const { problems, records } = await readRecording(`${path}.gz`)
  expect(problems.cutOff).toContain('without its end record')
  expect(records.length).toBeGreaterThan(1000)
})
