import { describe, expect, it } from 'vitest'
import { readClientHttp, readServerHttp } from '../../src/analysis/http.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { indexRecords } from '../../src/analysis/index-records.ts'
import { recorded } from '../support/recorded.ts'

const served = (t: number, finished: number, tid = 10): RecordOf<'http'> => ({
  k: 'http',
  t,
  pid: 10,
  tid,
  started: finished,
  finished,
  aborted: 0,
  non2xx: 0,
  inFlight: 0,
  inFlightPeak: 1,
  sumMs: finished * 2,
  sumSqMs: finished * 4,
  latency: [[2, finished]],
})
const driven = (t: number, requests: number): RecordOf<'load'> => ({
  k: 'load',
  t,
  ms: 250,
  requests,
  non2xx: 0,
  timeouts: 0,
  errors: 0,
  inFlight: 4,
  sumMs: requests * 2,
  sumSqMs: requests * 4,
  latency: [[2, requests]],
})

describe('requests of a window whose edges lie within what was counted at once', () => {
  it('of servers: each thread counts since it last told', () => {
    const records = [served(900, 20), served(950, 20, 11), served(1100, 20), served(1950, 40, 11), served(2050, 95)]
    // 10 of 1,100's and 90 of 2,050's; of the other thread's 38.
    const http = readServerHttp(indexRecords(recorded(records), [1000, 2000]))
    expect(http).toMatchObject({ requests: 138, perSecond: 138, latencyMs: { mean: 2 }, inFlightPeak: 2 })
    expect(http?.inFlightMean).toBeCloseTo(0.276, 2)
  })

  it('of the load', () => {
    const records = [driven(1100, 25), driven(1350, 25), driven(2100, 25)]
    expect(readClientHttp(indexRecords(recorded(records), [1000, 2000]))?.requests).toBe(10 + 25 + 15)
  })
  it('of the load, none of which is answered', () => {
    const http = readClientHttp(indexRecords(recorded([driven(1250, 0), driven(1500, 0)]), [1000, 1500]))
    expect(http).toMatchObject({ requests: 0, inFlightMean: 4 })
  })
})
