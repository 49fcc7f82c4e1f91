import { expect, it } from 'vitest'
import { readThreads } from '../../src/analysis/threads.ts'
import { columnsOf } from '../../src/recording/sweep.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const sweep = (t: number): AnyRecord => ({ k: 'threads', t, pid: 10, of: 5000, ...columnsOf([[10, 0, 0, 'S', -1]]) })

it('threads that were there before they were first seen are no births', () => {
  // A listing takes no more than 512 of them in.
  const seen = Array.from({ length: 4000 }, (_, i): AnyRecord => {
    return { k: 'thread', t: 300 + i, pid: 10, tid: 11 + i, name: 'connection', began: -60_000 }
  })
  const born: AnyRecord = { k: 'thread', t: 5000, pid: 10, tid: 9000, name: 'connection', began: 4500 }
  const known = (records: AnyRecord[]) => readThreads(sourceOf([sweep(200), ...records, sweep(9000)]), null, null)
  expect(known(seen)).toMatchObject({ created: 0, growingGroup: null })
  expect(known([...seen, born])?.created).toBe(1)
})
