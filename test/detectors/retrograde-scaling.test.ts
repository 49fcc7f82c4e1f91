import { describe, expect, it } from 'vitest'
import type { UslFit } from '../../src/analysis/scale/usl.ts'
import { retrogradeScaling } from '../../src/detectors/retrograde-scaling.ts'
import { findingOf, scale, scalePoint, verdictOf } from '../support/signals.ts'

const FIT: UslFit = {
  lambda: 50,
  sigma: 0.1,
  kappa: 0.01,
  peak: 9.5,
  intervals: { lambda: [45, 55], sigma: [0.05, 0.15], kappa: [0.008, 0.012] },
  r2: 0.98,
}

/** Up to 32 connections; `last` of the best throughput, which is that of 8. */
function falling(last = 0.5, fit: Partial<UslFit> | null = {}, kind: 'crosstalk' | 'client' = 'crosstalk') {
  const points = [50, 100, 150, 200, 180, 200 * last].map((perSecond, i) => scalePoint({ n: 2 ** i, perSecond }))
  const limit = { kind, summary: 'Crosstalk limits.', n: 32, lock: null }
  return scale({ points, fit: fit && { ...FIT, ...fit }, limit })
}

describe('limits', () => {
  it.each([
    ['just under the limit', falling(0.91), 'clean'],
    ['at the limit', falling(0.9), 'warning'],
    ['just under critical', falling(0.68), 'warning'],
    ['past critical', falling(0.66), 'critical'],
    ['the peak at the limit', falling(0.5, { peak: 0.7 * 32 }), 'critical'],
    ['the peak past it', falling(0.5, { peak: 0.71 * 32 }), 'clean'],
    ['no peak', falling(0.5, { peak: null, kappa: 0 }), 'clean'],
    ['κ may be 0', falling(0.5, { intervals: { ...FIT.intervals, kappa: [0, 0.02] } }), 'clean'],
    ['no fit', falling(0.5, null), 'not-applicable'],
  ])('%s', (_, scaled, expected) => {
    expect(verdictOf(retrogradeScaling, { scale: scaled })).toBe(expected)
  })

  it('says how much is lost and what staying at the peak would bring', () => {
    const finding = findingOf(retrogradeScaling, { scale: falling() })
    expect(finding.summary).toContain('50 % under its best')
    expect(finding.cost.gain).toBe(2)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a healthy service', scale()],
    ['a client out of steam', falling(0.5, {}, 'client')],
  ])('%s', (_, scaled) => {
    expect(verdictOf(retrogradeScaling, { scale: scaled })).toBe('clean')
  })
})
