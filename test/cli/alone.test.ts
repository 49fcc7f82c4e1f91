import { describe, expect, it } from 'vitest'
import { Alone } from '../../src/cli/alone.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'

const URL = 'http://127.0.0.1:8080/search?q=tree'

/** After 10 s of a load, with so many ms of CPU used and a latency like that. */
function after({
  connections = 16,
  cpuMs = 1000,
  latencyMs = 80,
  rate = undefined as number | undefined,
  answered = 2000,
} = {}): Alone {
  const alone = new Alone({ url: URL, connections, ...(rate !== undefined && { rate }) }, 2)
  const counts = { non2xx: 0, timeouts: 0, errors: 0, inFlight: 16, sumSqMs: 0, latency: [] }
  const load = (t: number, requests: number): AnyRecord => {
    return { k: 'load', t, ms: 1000, requests, sumMs: requests * latencyMs, ...counts }
  }
  const proc = (t: number, used: number) => ({ k: 'proc', t, pid: 10, cpuMs: used }) as AnyRecord
  for (const record of [
    proc(0, 7000),
    load(1000, 0),
    proc(1000, 7000),
    proc(10_000, 7000 + cpuMs),
    load(9000, 2000),
    load(10_100, answered),
  ])
    alone.observe(record)
  return alone
}

describe('one connection alone is asked', () => {
  it.each([
    ['after a load on idle cores', after(), 'duration', true],
    ['when the load was over', after(), 'load done', true],
    ['not when somebody waits for the end', after(), 'SIGINT', false],
    ['not when the target is gone', after(), 'target exited', false],
    ['not after a load on busy cores', after({ cpuMs: 12_120 }), 'duration', false],
    ['not after quick answers', after({ latencyMs: 4.9 }), 'duration', false],
    ['not of a service that is stuck', after({ answered: 0 }), 'duration', false],
    ['not after few connections', after({ connections: 15 }), 'duration', false],
    ['not after a given rate', after({ rate: 100 }), 'duration', false],
    ['not before any load', new Alone({ url: URL, connections: 16 }, 2), 'duration', false],
  ])('%s', (_, alone, reason, expected) => {
    expect(alone.isWorthwhile(reason)).toBe(expected)
  })
})
