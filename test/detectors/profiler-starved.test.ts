import { describe, expect, it } from 'vitest'
import { profilerStarved } from '../../src/detectors/profiler-starved.ts'
import { findingOf, verdictOf } from '../support/signals.ts'

describe('limits', () => {
  it.each([
    ['sweeps just under the limit', { quality: { lateSweeps: 0.19 } }, 'clean'],
    ['sweeps at the limit', { quality: { lateSweeps: 0.2 } }, 'info'],
    ['sweeps just under a warning', { quality: { lateSweeps: 0.49 } }, 'info'],
    ['sweeps at a warning', { quality: { lateSweeps: 0.5 } }, 'warning'],
    ['samples just under half', { quality: { profileSamples: 999 } }, 'info'],
    ['samples at half', { quality: { profileSamples: 1000 } }, 'clean'],
    ['no CPU profile', { quality: { profileSamples: null }, profiles: null }, 'clean'],
    ['CPU profile of unknown rate', { quality: { profileSamples: 1 }, profiles: { sampleMs: 0 } }, 'clean'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(profilerStarved, ills)).toBe(expected)
  })
})

describe('finding', () => {
  it('says what came late and what is missing', () => {
    expect(findingOf(profilerStarved, { quality: { lateSweeps: 0.3, profileSamples: 400 } }).summary).toBe(
      "30 % of holdup's sweeps came late (limit 20 %), and the CPU profile has 400 samples, 20 % of what was due (limit 50 %): sampled figures are rough, exact ones are not affected.",
    )
  })
})
