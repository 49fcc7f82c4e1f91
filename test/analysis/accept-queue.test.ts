import { describe, expect, it } from 'vitest'
import { readAcceptQueue } from '../../src/analysis/accept-queue.ts'
import { threadSamples } from '../../src/analysis/thread-samples.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'
import { columnsOf } from '../../src/recording/sweep.ts'

const listener = (pid: number, port = 8080): RecordOf<'listener'> => ({ k: 'listener', t: 0, pid, port })
const queue = (t: number, waitingMs: number, someMs = 1000, port = 8080): RecordOf<'accept-queue'> => ({
  k: 'accept-queue',
  t,
  port,
  ms: 1000,
  waitingMs,
  someMs,
  peak: waitingMs / 500,
})
/** A sweep over threads of a process by their CPU so far. */
const sweep = (t: number, pid: number, cpu: Record<number, number>): AnyRecord => ({
  k: 'threads',
  t,
  pid,
  of: Object.keys(cpu).length,
  ...columnsOf(Object.entries(cpu).map(([tid, cpuMs]) => [Number(tid), cpuMs, 0, 'S', -1])),
})
const proc = (t: number, pid: number, sockets?: number): AnyRecord => ({
  k: 'proc',
  t,
  pid,
  cpuMs: 0,
  rss: 0,
  threads: 1,
  ...(sockets !== undefined && { sockets }),
})

function read(records: readonly AnyRecord[]) {
  const source = sourceOf(records)
  return readAcceptQueue(source, threadSamples(source))
}

describe('readAcceptQueue', () => {
  it('adds up what waited over the window', () => {
    expect(read([listener(20), queue(1000, 2000), queue(5000, 6000, 500)])).toMatchObject({
      port: 8080,
      waiting: 0.8,
      peak: 12,
      seconds: 1.5,
    })
  })

  it('of the part of a record that lies in the window', () => {
    expect(read([listener(20), queue(500, 2000)])).toMatchObject({ waiting: 0.1, seconds: 0.5 })
  })

  it('of the port with the longest queue', () => {
    expect(read([listener(20), listener(20, 9090), queue(2000, 100), queue(2000, 900, 1000, 9090)])?.port).toBe(9090)
  })

  it('is empty where a process listens and nothing waited, and not known where none does', () => {
    expect(read([listener(20)])).toMatchObject({ port: 8080, waiting: 0, peak: 0, seconds: 0, opened: null })
    expect(read([])).toBeNull()
  })

  it('knows the threads that serve, and the sockets that are open', () => {
    const records = [
      listener(20),
      listener(21),
      sweep(0, 20, { 20: 0, 22: 0, 23: 0 }),
      sweep(10_000, 20, { 20: 5000, 22: 500, 23: 499 }),
      sweep(0, 30, { 30: 0 }),
      sweep(10_000, 30, { 30: 9000 }),
      proc(1000, 20, 5),
      proc(2000, 20),
      proc(3000, 20, 7),
      proc(3000, 21, 2),
      proc(3000, 30, 90),
    ]
    expect(read(records)).toMatchObject({ threads: 2, cores: 0.5999, opened: 6 })
  })
})
