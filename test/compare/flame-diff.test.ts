import { expect, test } from 'vitest'
import { type DiffTree, diffFlames } from '../../src/compare/flame-diff.ts'
import type { Report } from '../../src/report/model.ts'
import { base, flame, http } from '../support/report.ts'

/** A run of 8 s with such CPU samples, in ms, and requests. */
const run = (perSecond: number, ...samples: [number, ...string[]][]): Report => ({
  ...base,
  signals: { ...base.signals, http: http(perSecond, 35, 10, 30, 70) },
  threadTime: [],
  flames: [flame('main', samples)],
})

/** As text: each frame with its own time and all, before → after. */
function drawn(frames: readonly string[], [index, a, b, c, d, children]: DiffTree, depth = 0): string[] {
  const line = `${'  '.repeat(depth)}${frames[index]} ${a}/${b} → ${c}/${d}`
  return [line, ...children.flatMap((child) => drawn(frames, child, depth + 1))]
}

test('CPU per request of all runs of both sets, by frame', () => {
  const before = [run(100, [800, 'serve', 'rank'], [800, 'serve', 'parse']), run(100, [1600, 'serve', 'rank'])]
  const after = [run(200, [3200, 'serve', 'rank'], [1600, 'serve', 'log'])]
  const [main] = diffFlames(before, after)
  expect(main).toMatchObject({ name: 'CPU: main', per: 'request' })
  expect(main && drawn(main.frames, main.root)).toEqual([
    'CPU: main 0/2 → 0/3',
    '  serve 0/2 → 0/3',
    '    rank 1.5/1.5 → 2/2',
    '    log 0/0 → 1/1',
    '    parse 0.5/0.5 → 0/0',
  ])
})

test('two profiled workers of sixteen stand for all', () => {
  const seconds = { onCpu: 12.8, runnable: 0, lockWait: 0, idleWait: 0, ioWait: 0, sleeping: 0, unknown: 0 }
  const pool = { ...run(100, [1600, 'rank']), threadTime: [{ group: 'main', threads: 16, seconds }] }
  const [main] = diffFlames([pool], [run(100, [12_800, 'rank'])])
  expect(main && drawn(main.frames, main.root)).toEqual(['CPU: main 0/16 → 0/16', '  rank 16/16 → 16/16'])
})

test('without requests by the second; without profiles nothing', () => {
  const silent = { ...run(1, [800, 'work']), signals: { ...base.signals, http: null } }
  const [main] = diffFlames([silent], [silent])
  expect(main).toMatchObject({ per: 'second', root: [0, 0, 100, 0, 100, [[1, 100, 100, 100, 100, []]]] })
  expect(diffFlames([{ ...base, flames: [] }], [])).toEqual([])
})
