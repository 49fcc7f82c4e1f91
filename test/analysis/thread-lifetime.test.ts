import { describe, expect, it } from 'vitest'
import { threadLifetime } from '../../src/analysis/thread-lifetime.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const proc = (t: number, threads: number): AnyRecord => ({ k: 'proc', t, pid: 20, cpuMs: 0, rss: 1, threads })
const read = (t: number, ...tids: number[]): AnyRecord => ({
  k: 'native-threads',
  t,
  pid: 20,
  rows: tids.map((tid) => [tid, 0, 0, 0, 0, 0]),
  exited: [0, 0, 0, 0, 0],
})
const born = (t: number, tid: number, at: number): AnyRecord => ({ k: 'native-thread', t, pid: 20, tid, born: at })
const ended = (t: number, lifetimeMs: number): AnyRecord => ({
  k: 'native-spawn',
  t,
  pid: 20,
  created: 1,
  exited: 1,
  lifetimeMs,
  lifetimes: [],
})

describe('how long the threads of a process lived in all', () => {
  it.each([
    ['by their number', [proc(0, 2), proc(5000, 2), proc(10_000, 4)], 25_000],
    [
      'as counted: one that stays, one that begins, others in between',
      [born(0, 20, 0), read(0, 20), born(6000, 21, 4000), ended(6000, 500), read(6000, 20, 21), read(10_000, 20, 21)],
      10_000 + 6000 + 500,
    ],
    [
      'by their number where the count is that of the shell that became this program',
      [born(0, 20, 0), read(0, 20), read(10_000, 20), proc(0, 5), proc(10_000, 5)],
      50_000,
    ],
  ] as [string, AnyRecord[], number][])('%s', (_, records, expected) => {
    expect(threadLifetime(sourceOf(records), 20)).toBeCloseTo(expected)
  })
})
