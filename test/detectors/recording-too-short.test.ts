import { describe, expect, it } from 'vitest'
import { recordingTooShort } from '../../src/detectors/recording-too-short.ts'
import { findingOf, verdictOf } from '../support/signals.ts'

describe('limits', () => {
  it.each([
    ['window just under a second', { quality: { windowSeconds: 0.99 } }, 'warning'],
    ['window of a second', { quality: { windowSeconds: 1 } }, 'info'],
    ['window just under 5 s', { quality: { windowSeconds: 4.9 } }, 'info'],
    ['window of 5 s', { quality: { windowSeconds: 5 } }, 'clean'],
    ['49 requests', { http: { requests: 49 } }, 'info'],
    ['50 requests', { http: { requests: 50 } }, 'clean'],
    ['requests not counted', { http: null }, 'clean'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(recordingTooShort, ills)).toBe(expected)
  })
})

describe('finding', () => {
  it.each([
    [{ quality: { windowSeconds: 3 } }, 'Only 3 s could be judged (limit 5 s): '],
    [{ http: { requests: 12 } }, 'Only 12 requests finished (limit 50): '],
    [
      { quality: { windowSeconds: 3 }, http: { requests: 12 } },
      'Only 3 s could be judged (limit 5 s) and only 12 requests finished (limit 50): ',
    ],
  ])('%j', (ills, beginning) => {
    expect(findingOf(recordingTooShort, ills).summary).toBe(
      `${beginning}what is rare was not seen, and averages are rough.`,
    )
  })
})
