import { formatMs, formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'

export const recordingTooShort = defineDetector({
  meta: {
    id: 'recording-too-short',
    title: 'Recording too short',
    category: 'recording',
    requires: ['quality'],
    optional: ['http'],
    explainedBy: ['target-crashed', 'no-load'],
    withholds: 'a longer recording',
    unpaired: 'judges the recording: any fixture shows it with --duration 3s',
    thresholds: {
      seconds: {
        default: 5,
        unit: 's',
        description: 'window judged, start-up and warm-up left out: info under it',
        source: 'holdup: twenty readings of what is read four times a second',
      },
      verdictSeconds: {
        default: 1,
        unit: 's',
        description: 'the same: under it a warning, and no other detector gives a verdict',
        source: 'holdup: four readings of what is read four times a second',
      },
      requests: {
        default: 50,
        unit: 'requests',
        description: 'finished in the window: info under it',
        source: 'holdup: with fewer, p98 and over are the slowest request alone',
      },
    },
  },

  detect({ signals: { quality, http }, limits }) {
    const seconds = quality.windowSeconds
    const isShort = seconds < limits.seconds
    const isSparse = http !== null && http.requests < limits.requests
    if (!isShort && !isSparse) return []
    const evidence: Evidence[] = [
      { name: 'window', value: seconds, unit: 's', limit: limits.seconds, fidelity: 'exact' },
    ]
    if (http)
      evidence.push({
        name: 'requests',
        value: http.requests,
        unit: 'requests',
        limit: limits.requests,
        fidelity: 'exact',
      })
    const length = `Only ${formatMs(seconds * 1000)} could be judged (limit ${formatMs(limits.seconds * 1000)})`
    const count = `only ${formatNumber(http?.requests ?? 0)} requests finished (limit ${formatNumber(limits.requests)})`
    const facts = isShort ? (isSparse ? `${length} and ${count}` : length) : count.replace('only', 'Only')
    return [
      {
        severity: seconds < limits.verdictSeconds ? 'warning' : 'info',
        summary: `${facts}: what is rare was not seen, and averages are rough.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence,
        where: [],
        advice:
          'Record 10 s or more under load: --duration 30s. Start-up, and time before the first request, do not count.',
      },
    ]
  },
})
