import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'

export const profilerStarved = defineDetector({
  meta: {
    id: 'profiler-starved',
    title: 'holdup itself was starved of CPU',
    category: 'recording',
    requires: ['quality'],
    optional: ['profiles'],
    unpaired: 'judges the recording: it depends on the machine, not on the service',
    thresholds: {
      late: {
        default: 0.2,
        unit: 'ratio',
        description: "holdup's sweeps that came late by over half a period: info",
        source: 'holdup: with a sweep in five late, short spans are blurred',
      },
      lateWarning: {
        default: 0.5,
        unit: 'ratio',
        description: 'the same: warning',
        source: 'holdup: most sampled spans are then of the wrong length',
      },
      samples: {
        default: 0.5,
        unit: 'ratio',
        description: 'CPU profile samples, of those that one thread alone would give, at the least: info under it',
        source: 'holdup: under half, the sampler did not get its turns',
      },
    },
  },

  detect({ signals: { quality, profiles }, limits }) {
    const { lateSweeps, profileSamples, windowSeconds } = quality
    const expected = profiles && profiles.sampleMs > 0 ? (windowSeconds * 1000) / profiles.sampleMs : null
    const taken = expected !== null && profileSamples !== null ? profileSamples / expected : null
    const isLate = lateSweeps >= limits.late
    const isThin = taken !== null && taken < limits.samples
    if (!isLate && !isThin) return []
    const evidence: Evidence[] = [
      { name: 'late sweeps', value: lateSweeps, unit: 'ratio', limit: limits.late, fidelity: 'exact' },
    ]
    if (taken !== null)
      evidence.push({ name: 'samples taken', value: taken, unit: 'ratio', limit: limits.samples, fidelity: 'exact' })
    const facts = [
      ...(isLate
        ? [`${formatRatio(lateSweeps)} of holdup's sweeps came late (limit ${formatRatio(limits.late)})`]
        : []),
      ...(isThin
        ? [
            `the CPU profile has ${formatNumber(profileSamples ?? 0)} samples, ${formatRatio(taken)} of what was due (limit ${formatRatio(limits.samples)})`,
          ]
        : []),
    ]
    return [
      {
        severity: lateSweeps >= limits.lateWarning ? 'warning' : 'info',
        summary: `${facts.join(', and ')}: sampled figures are rough, exact ones are not affected.`,
        cost: { threadsHeldUp: null, gain: null },
        evidence,
        where: [],
        advice: 'Leave holdup a core: lower the load, or drive it from another machine.',
      },
    ]
  },
})
