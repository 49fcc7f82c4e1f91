import { describe, expect, it } from 'vitest'
import { connectionChurn } from '../../src/detectors/connection-churn.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { findingOf, resultOf, signals, verdictOf } from '../support/signals.ts'

const churn = (perRequest: number | null, perSecond = 470) => ({
  connections: { perRequest, perSecond, opened: perSecond * 10, requests: 4700 },
})

describe('limits', () => {
  it.each([
    ['just under', churn(0.49), 'clean'],
    ['at the limit', churn(0.5), 'warning'],
    ['one for each', churn(1), 'warning'],
    ['at the most', churn(1.5), 'warning'],
    ['more than requests: they carry something else', churn(1.51), 'clean'],
    ['just under a warning', churn(1, 469), 'info'],
    ['just enough a second', churn(1, 10), 'info'],
    ['just too few a second', churn(1, 9.9), 'clean'],
    ['connections that nobody counted', { connections: null }, 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(connectionChurn, ills)).toBe(expected)
  })

  it('needs requests to judge by', () => {
    expect(resultOf(connectionChurn, churn(null)).missing).toEqual(['requests to count the connections against'])
    expect(verdictOf(connectionChurn, churn(null, 2))).toBe('clean')
  })
})

describe('look-alikes', () => {
  it.each([
    ['clients that keep theirs', {}],
    ['many clients that come at once, and stay', churn(0.2, 900)],
  ])('%s', (_, ills) => {
    expect(verdictOf(connectionChurn, ills)).toBe('clean')
  })
})

it('says how many', () => {
  expect(findingOf(connectionChurn, churn(0.97, 2100)).summary).toBe(
    'Connections are opened at a rate of 0.97 per request (limit 0.5), 2,100 a second: each costs a round trip before the request, with TLS two and a handshake, and is thrown away.',
  )
})

it('is evidence of the thread that each connection gets', () => {
  const ills = {
    ...churn(1, 250),
    threads: {
      created: 2500,
      createdLow: 2500,
      createdHigh: 2500,
      exited: 2500,
      createdPerSecond: 250,
      createdPerRequest: 1,
    },
  }
  const results = new Map(runDetectors(signals(ills)).map((result) => [result.id, result]))
  expect(results.get('connection-churn')?.missing).toEqual(['explained by thread-per-request'])
  const [finding] = results.get('thread-per-request')?.findings ?? []
  expect(finding?.evidence.map(({ note }) => note)).toContainEqual(expect.stringMatching(/^connection-churn: /))
})
