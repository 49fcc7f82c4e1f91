import { expect, it } from 'vitest'
import { endOfRamp } from '../../src/load/ramp.ts'

const LIMITS = { most: 1024, maxErrors: 0.001 }

/** Where and why a ramp over these throughputs ends; the number of connections doubles. */
function ended(perSecond: readonly number[], of: { most?: number; errorShare?: number; holdsSlo?: boolean } = {}) {
  const { most = LIMITS.most, errorShare = 0, holdsSlo = true } = of
  for (let steps = 1; steps <= perSecond.length; steps++) {
    const isLast = steps === perSecond.length
    const ramp = perSecond.slice(0, steps).map((value, i) => ({
      connections: 2 ** i,
      perSecond: value,
      errorShare: isLast ? errorShare : 0,
      holdsSlo: isLast ? holdsSlo : true,
    }))
    const reason = endOfRamp(ramp, { ...LIMITS, most })
    if (reason !== null) return [2 ** (steps - 1), reason]
  }
  return null
}

it.each([
  ['goes on while throughput grows', [10, 20, 40, 80, 160, 320, 640, 1280, 2560], null],
  ['goes on through one slow step', [10, 20, 40, 30, 80, 160], null],
  ['twice well under the best', [10, 20, 40, 33, 33], [16, 'throughput fell']],
  ['twice just over that', [10, 20, 40, 34, 34], null],
  ['once far under the best', [10, 20, 40, 23], [8, 'throughput fell']],
  ['no growth, but not for long enough', [40, 40, 40, 40, 40, 40], null],
  ['no growth up to 64', [40, 40, 40, 40, 40, 40, 40], [64, 'throughput stopped growing']],
  ['some growth', [40, 40, 40, 40, 43, 45, 47], null],
])('%s', (_, perSecond, end) => {
  expect(ended(perSecond)).toEqual(end)
})

it.each([
  ['more errors than may be', { errorShare: 0.0011 }, 'errors'],
  ['as many as may be', { errorShare: 0.001 }, undefined],
  ['the SLO missed', { holdsSlo: false }, 'the SLO'],
  ['as many connections as may be', { most: 8 }, 'the most connections'],
])('%s', (_, of, reason) => {
  expect(ended([10, 20, 40, 80], of)?.[1]).toBe(reason)
})
