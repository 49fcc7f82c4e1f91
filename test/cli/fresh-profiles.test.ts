import { expect, it } from 'vitest'
import { FreshProfiles } from '../../src/cli/fresh-profiles.ts'
import { Tiles } from '../../src/cli/tiles.ts'
import { RecentRecords } from '../../src/recording/recent.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { recorded } from '../support/recorded.ts'

const { header } = recorded([])

/** A piece of the main thread's profile: two samples 10 ms apart in `work`, the last one without a time of its own. */
const piece = (from: number, t: number): RecordOf<'profile'> => ({
  k: 'profile',
  pid: 10,
  tid: 10,
  t,
  from,
  nodes: [
    [1, 0, 0],
    [2, 1, 1],
  ],
  samples: [2, 2],
  deltasUs: [0, 10_000],
})

function recent(...records: AnyRecord[]): RecentRecords {
  const strings: string[] = []
  const kept = new RecentRecords({ string: (text) => strings.push(text) - 1, stack: () => 0, add: () => {} }, 30_000)
  for (const text of ['(root)', 'work (server.js:1:1)']) kept.string(text)
  for (const record of records) kept.add(record)
  return kept
}

it('each piece is taken once, when it comes', () => {
  const fresh = new FreshProfiles()
  const records = recent(piece(0, 2000))
  expect(fresh.take(records, header, 10_000)).toMatchObject({ from: 0, to: 2000, groups: [{ tree: { total: 10 } }] })
  expect(fresh.take(records, header, 20_000)).toBeNull()
  records.add(piece(2000, 6000))
  records.add(piece(6000, 12_000))
  expect(fresh.take(records, header, 20_000)).toMatchObject({
    from: 2000,
    to: 12_000,
    groups: [{ tree: { total: 20 } }],
  })
})

it('samples of native threads count too', () => {
  const rows: RecordOf<'on-cpu'>['rows'] = [[11, 500, 10, 0]]
  expect(new FreshProfiles().take(recent({ k: 'on-cpu', t: 600, pid: 10, rows }), header, 1000)).toMatchObject({
    from: 490,
    to: 500,
    groups: [{ tree: { total: 10 } }],
  })
})

it('windows follow one another without a gap', () => {
  const tiles = new Tiles(2000)
  expect([tiles.next(1000), tiles.next(12_000), tiles.next(12_000), tiles.next(22_500)]).toEqual([
    null,
    [0, 10_000],
    null,
    [10_000, 20_500],
  ])
  tiles.end(23_000)
  expect([tiles.next(40_000), tiles.next(50_000)]).toEqual([[20_500, 23_000], null])
})
