import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'

export const droppedEvents = defineDetector({
  meta: {
    id: 'dropped-events',
    title: 'Events were dropped',
    category: 'recording',
    requires: ['quality'],
    unpaired: 'judges the recording: no service drops events on purpose',
    thresholds: {
      share: {
        default: 0.01,
        unit: 'ratio',
        description: 'events dropped, of all: info',
        source: 'holdup: the precision that the other figures have',
      },
      shareWarning: {
        default: 0.1,
        unit: 'ratio',
        description: 'the same: warning',
        source: 'holdup: counts and sums are then too low by enough to hide a fault',
      },
    },
  },

  detect({ signals: { quality }, limits }) {
    const { droppedEvents: dropped, keptEvents: kept } = quality
    const share = dropped / Math.max(1, dropped + kept)
    if (share < limits.share) return []
    return [
      {
        severity: share >= limits.shareWarning ? 'warning' : 'info',
        summary: `holdup dropped ${formatNumber(dropped)} ${dropped === 1 ? 'event' : 'events'}, ${formatRatio(share)} of all (limit ${formatRatio(limits.share)}), rather than make the target wait: counts and waits are lower bounds.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence: [
          { name: 'dropped', value: share, unit: 'ratio', limit: limits.share, fidelity: 'exact' },
          { name: 'dropped', value: dropped, unit: 'events', fidelity: 'exact' },
        ],
        where: [],
        advice: 'Record with less detail (--cpu-profile off), at a lower load, or with a core left for holdup.',
      },
    ]
  },
})
