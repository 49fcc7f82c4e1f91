import { describe, expect, it } from 'vitest'
import { indexRecords } from '../../src/analysis/index-records.ts'
import { readUpstreams } from '../../src/analysis/upstreams.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { recorded } from '../support/recorded.ts'

const upstream = (t: number, n: number, to = '10.0.0.5:5432', pid = 10): AnyRecord => ({ k: 'upstream', t, pid, to, n })
const read = (records: readonly AnyRecord[]) => readUpstreams(indexRecords(recorded(records), [2000, 10_000]))

describe('readUpstreams', () => {
  it('has the most of each peer, of all processes, with what was there before', () => {
    const records = [
      upstream(500, 9),
      upstream(1000, 2),
      upstream(3000, 5),
      upstream(4000, 1),
      upstream(1000, 3, '10.0.0.5:5432', 11),
      upstream(5000, 1, '[2001:db8:0:0:0:0:0:1]:6379'),
    ]
    expect(read(records)).toEqual({
      connections: 9,
      peers: [
        { to: '10.0.0.5:5432', connections: 8 },
        { to: '[2001:db8:0:0:0:0:0:1]:6379', connections: 1 },
      ],
      fidelity: 'sampled',
    })
  })

  it.each([
    ['that was left before the window', [upstream(500, 3), upstream(1000, 0)]],
    ['that was made after it', [upstream(500, 0), upstream(11_000, 3)]],
  ])('leaves out a peer %s', (_, records) => {
    expect(read(records)).toMatchObject({ connections: 0, peers: [] })
  })

  it('are not known where nobody looked, and none where a server has none', () => {
    expect(read([])).toBeNull()
    expect(read([{ k: 'listener', t: 0, pid: 10, port: 8080 }])?.connections).toBe(0)
  })
})
