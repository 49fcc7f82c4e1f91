import { expect, it } from 'vitest'
import { readNativeLoops } from '../../src/analysis/native-loops.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const loop = (tid: number, t: number, turnMs: [number, number][], ms: number): AnyRecord => ({
  k: 'native-loop',
  t,
  pid: 20,
  tid,
  poll: 'epoll',
  turns: 100,
  ms,
  max: 90,
  over10Ms: 1,
  turnMs,
})
const read = (t: number): AnyRecord => ({ k: 'native-threads', t, pid: 20, rows: [], exited: [0, 0, 0, 0, 0] })
const named = (tid: number, name: string): AnyRecord => ({ k: 'thread', t: 0, pid: 20, tid, name })

it('loops of a group of native threads, with their longest turns', () => {
  const source = sourceOf([
    { k: 'native', t: 0, pid: 20, libc: 'glibc' },
    named(21, 'loop-1'),
    named(22, 'loop-2'),
    named(23, 'timer'),
    ...[1000, 2000].map(read),
    loop(
      21,
      1000,
      [
        [1, 99],
        [80, 1],
      ],
      400,
    ),
    loop(
      22,
      2000,
      [
        [1, 99],
        [19, 1],
      ],
      600,
    ),
    loop(23, 2000, [[0.1, 100]], 10),
    { k: 'native-turn', t: 700, pid: 20, tid: 21, ms: 80.5 },
    { k: 'native-turn', t: 1800, pid: 20, tid: 22, ms: 20 },
  ])
  const loops = readNativeLoops(source)
  expect(loops?.groups.map(({ group }) => group)).toEqual(['loop-*', 'timer'])
  expect(loops?.groups[0]).toMatchObject({
    threads: 2,
    turns: 200,
    busy: 0.05,
    turnMs: { p50: 1, p99: 1, max: 80.5 },
    over10Ms: 2,
    longest: [
      { t: 700, ms: 80.5, tid: 21 },
      { t: 1800, ms: 20, tid: 22 },
    ],
  })
})

it('where no native agent was there is none', () => {
  expect(readNativeLoops(sourceOf([]))).toBeNull()
})
