import type { Lock } from '../analysis/signals.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'
import { WAIT_CPU_MS } from './gain.ts'
import { severityAt } from './severity.ts'

export const thunderingHerd = defineDetector({
  meta: {
    id: 'thundering-herd',
    title: 'All that wait are woken for one job',
    category: 'threads',
    requires: ['lockWait', 'quality', 'cpu'],
    optional: ['switches'],
    explainedBy: ['no-load', 'cgroup-cpu-throttling', 'thread-per-request'],
    thresholds: {
      wakes: {
        default: 4,
        unit: 'per request',
        description: 'wake-ups of threads that wait for work in one place',
        source: 'holdup: a pool wakes one thread for a job, and a request passes through few pools',
      },
      waiters: {
        default: 8,
        unit: 'threads',
        description: 'that wait there, at the least',
        source: 'holdup: fewer may be the stages that each request passes through',
      },
      share: {
        default: 0.5,
        unit: 'ratio',
        description: 'wake-ups for each request, of these threads, at the least',
        source: 'holdup: who wakes all wakes those that have no work, which are most if there is work for few',
      },
      shareMost: {
        default: 2,
        unit: 'ratio',
        description: 'the same, at the most',
        source: 'holdup: nobody is woken more than once for a job and once for its end; the rest are timers',
      },
      atOnce: {
        default: 0.5,
        unit: 'ratio',
        description:
          'threads that wait there at a time, on average, of those that are woken for a request, at the least',
        source:
          'holdup: who is woken together waited together; threads that wait for an answer each, one after the other, did not',
      },
      gain: {
        default: 1.1,
        unit: 'times',
        description: "the target's CPU, of what it would be without the useless ones: warning; information under it",
        source: 'holdup: as of locks',
      },
      gainCritical: { default: 1.5, unit: 'times', description: 'the same: critical', source: 'holdup: as of locks' },
    },
  },

  detect({ signals: { lockWait, quality, cpu, switches }, limits }) {
    const { requests, windowSeconds } = quality
    const wakesOf = ({ waits }: Lock) => (waits ?? 0) / Math.max(1, requests ?? 0)
    const crowds = lockWait.locks.filter(
      ({ role, waiterThreads }) => role === 'idle' && waiterThreads >= limits.waiters,
    )
    if (crowds.length > 0 && requests === null) return { missing: ['requests to count the wake-ups against'] }
    const shareOf = (lock: Lock) => wakesOf(lock) / lock.waiterThreads
    const [herd] = crowds
      .filter((lock) => shareOf(lock) >= limits.share && shareOf(lock) <= limits.shareMost)
      .filter((lock) => lock.heldUp >= wakesOf(lock) * limits.atOnce)
      .toSorted((a, b) => wakesOf(b) - wakesOf(a))
    const wakes = herd ? wakesOf(herd) : 0
    if (!herd || wakes < limits.wakes) return []
    const useless = 1 - 1 / wakes
    const burnt = (((wakes - 1) * (requests ?? 0)) / windowSeconds) * (WAIT_CPU_MS / 1000)
    const gain = cpu.cores / Math.max(0.1 * cpu.cores, cpu.cores - burnt)
    const { fidelity } = herd
    return [
      {
        severity: severityAt(gain, limits.gain, limits.gainCritical) ?? 'info',
        summary: `${formatNumber(wakes)} threads are woken for each request (limit ${formatNumber(limits.wakes)}), of ${formatNumber(herd.waiterThreads)} that wait for work at the ${herd.name}: one gets it, and ${formatRatio(useless)} of the wake-ups are for nothing.`,
        cost: { threadsHeldUp: null, gain },
        evidence: [
          { name: 'wake-ups', value: wakes, unit: 'per request', limit: limits.wakes, fidelity },
          {
            name: 'threads that wait there',
            value: herd.waiterThreads,
            unit: 'threads',
            limit: limits.waiters,
            fidelity,
          },
          {
            name: 'waiting at a time, of the woken',
            value: herd.heldUp / wakes,
            unit: 'ratio',
            limit: limits.atOnce,
            fidelity,
          },
          { name: 'CPU of the useless ones, about', value: burnt, unit: 'cores', fidelity: 'sampled' },
          {
            name: "the target's CPU, of that without them",
            value: gain,
            unit: 'times',
            limit: limits.gain,
            fidelity: 'sampled',
          },
          ...(switches
            ? [
                {
                  name: 'voluntary switches',
                  value: (switches.voluntaryPerSecond * windowSeconds) / Math.max(1, requests ?? 0),
                  unit: 'per request',
                  fidelity: switches.fidelity,
                },
              ]
            : []),
        ],
        where: herd.waiters.slice(0, 2).map(({ stack }) => ({ role: 'waiters', stack })),
        advice:
          'Wake one for each job: notify_one, pthread_cond_signal, Atomics.notify(…, 1), EPOLLEXCLUSIVE for a listener that several loops watch. Where all waiters share one condition for several purposes, give each purpose its own. And have no more threads wait than can get work.',
      },
    ]
  },
})
