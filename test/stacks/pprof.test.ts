import { Profile } from 'pprof-format'
import { expect, it } from 'vitest'
import { createTree, addStack } from '../../src/stacks/call-tree.ts'
import { cpuSamples, pprofProfile } from '../../src/stacks/pprof.ts'

it('a tree comes back with its times in ns, its places and its period', () => {
  const tree = createTree('main')
  addStack(tree, ['main (/srv/a.mjs:1:1)', 'work (/srv/a.mjs:7:3)'], 30)
  addStack(tree, ['main (/srv/a.mjs:1:1)'], 5)
  const time = { startedAt: 1_700_000_000_000, durationMs: 10_000, period: 5e6 }
  const decoded = Profile.decode(
    pprofProfile([['cpu', 'nanoseconds']], cpuSamples([{ group: 'main', tree }], 1e6), time),
  )
  const text = (id: number | bigint) => decoded.stringTable.strings[Number(id)]
  expect(decoded.sample.map(({ value }) => Number(value[0]))).toEqual([5e6, 30e6])
  expect(decoded.function.map(({ name, filename }) => `${text(name)} ${text(filename)}`)).toEqual([
    'main /srv/a.mjs',
    'work /srv/a.mjs',
  ])
  expect([text(decoded.periodType?.type ?? 0), Number(decoded.period)]).toEqual(['cpu', 5e6])
  expect([Number(decoded.timeNanos), Number(decoded.durationNanos)]).toEqual([1.7e18, 1e10])
})
