import { describe, expect, it } from 'vitest'
import { droppedEvents } from '../../src/detectors/dropped-events.ts'
import { findingOf, verdictOf } from '../support/signals.ts'

const dropped = (events: number) => ({ quality: { droppedEvents: events, keptEvents: 10_000 - events } })

describe('limits', () => {
  it.each([
    [99, 'clean'],
    [100, 'info'],
    [999, 'info'],
    [1000, 'warning'],
  ] as const)('%d of 10,000: %s', (events, expected) => {
    expect(verdictOf(droppedEvents, dropped(events))).toBe(expected)
  })

  it('is clean where there were no events at all', () => {
    expect(verdictOf(droppedEvents, { quality: { droppedEvents: 0, keptEvents: 0 } })).toBe('clean')
  })
})

describe('finding', () => {
  it('says how many and what share', () => {
    expect(findingOf(droppedEvents, dropped(250)).summary).toBe(
      'holdup dropped 250 events, 2.5 % of all (limit 1 %), rather than make the target wait: counts and waits are lower bounds.',
    )
  })
})
