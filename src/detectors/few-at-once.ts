import type { MeasuredSignals } from '../analysis/signals.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { type BESIDE_ONE_THRESHOLDS, besideOne, besideOneEvidence } from './beside-one.ts'
import type { Finding } from './detector.ts'
import { roomToGrow } from './free-cores.ts'

type Signals = Pick<MeasuredSignals, 'scale' | 'alone' | 'clientSockets' | 'neighbours' | 'cgroup'> & {
  cpu: NonNullable<MeasuredSignals['cpu']>
}
type Limits = Record<keyof typeof BESIDE_ONE_THRESHOLDS | 'growth' | 'growthMost' | 'unseenQueue' | 'gain', number>

/**
 * A pool whose users no thread waits for, or none that can be told from one that waits for work: of connections to a
 * database, of permits. Seen by what a load gains over one connection alone.
 */
export function fewAtOnce(signals: Signals, limits: Limits): Finding[] {
  const beside = besideOne(signals, limits)
  if ('missing' in beside || !beside.isIdle) return []
  const { many, growth, cpu, cpuLimit, waiting } = beside
  if (growth < limits.growth || growth > limits.growthMost) return []
  const gain = Math.min(many.n / growth, roomToGrow(signals))
  if (waiting < limits.unseenQueue * growth || gain < limits.gain) return []
  return [
    {
      severity: 'warning',
      summary: `${many.n} connections get ${formatNumber(growth)} × the throughput of one while the target uses ${formatRatio(cpu)} of its cores (limit ${formatRatio(cpuLimit)}): about ${formatNumber(Math.round(growth))} requests pass at a time, and ${formatNumber(waiting)} wait for them, ${formatNumber(waiting / growth)} for each (limit ${formatNumber(limits.unseenQueue)}).`,
      cost: { threadsHeldUp: waiting, gain, unit: 'requests' },
      evidence: [
        ...besideOneEvidence(beside, limits),
        {
          name: 'throughput with more',
          value: gain,
          unit: 'times',
          limit: limits.gain,
          fidelity: 'sampled',
          note: 'at most',
        },
      ],
      where: [],
      advice:
        'Look for what has room for so many requests only: a pool of connections to a database or another service, a semaphore, a limit on concurrency. Give it more, if what is behind it bears them; else make its calls faster or fewer (a cache, batches), or refuse early what would wait too long.',
    },
  ]
}
