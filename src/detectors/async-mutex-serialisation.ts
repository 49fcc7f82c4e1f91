import { formatNumber, formatRatio } from '../units.ts'
import { BESIDE_ONE_THRESHOLDS, besideOne, besideOneEvidence } from './beside-one.ts'
import { defineDetector } from './detector.ts'

export const asyncMutexSerialisation = defineDetector({
  meta: {
    id: 'async-mutex-serialisation',
    title: 'Requests pass one at a time on an idle machine',
    category: 'locks',
    requires: [],
    optional: ['scale', 'alone', 'lockWait', 'clientSockets', 'neighbours'],
    explainedBy: [
      'no-load',
      'cgroup-cpu-throttling',
      'worker-per-request',
      'process-per-request',
      'thread-per-request',
      'blocking-pool-explosion',
      'event-loop-block-cpu',
      'event-loop-block-sync',
      'libuv-pool-starvation',
      'deadlock-or-stuck',
      'async-runtime-blocked',
      'gil-contention',
      'allocator-lock',
      'synchronous-logger-lock',
      'lock-held-across-blocking',
      'write-lock-on-read-path',
      'hot-cache-lock',
      'lock-convoy',
      'global-mutex',
      'spinlock-burn',
      'serial-server',
    ],
    thresholds: {
      ...BESIDE_ONE_THRESHOLDS,
      growth: {
        default: 1.75,
        unit: 'times',
        description: 'throughput there, of that with a single connection, at the most',
        source:
          'holdup: two requests at a time would bring 2; what each takes outside of the queue, one connection waits for and many overlap',
      },
    },
  },

  detect({ signals, limits }) {
    const { lockWait } = signals
    const beside = besideOne(signals, limits)
    if ('missing' in beside) return beside
    const { many, growth, cpu, cpuLimit, waiting, isIdle } = beside
    if (growth >= limits.growth || !isIdle) return []

    const lock = lockWait?.locks.find(
      ({ kind, role, heldUp }) => kind === 'promise-lock' && role === 'lock' && heldUp >= many.n / 2,
    )
    return [
      {
        severity: lock ? 'critical' : 'warning',
        summary: `${many.n} connections get ${formatNumber(growth)} × the throughput of one (limit ${formatNumber(limits.growth)}) while the target uses ${formatRatio(cpu)} of its cores (limit ${formatRatio(cpuLimit)}): requests pass one at a time${lock ? ` through the ${lock.name}` : ''}.`,
        cost: { threadsHeldUp: lock?.heldUp ?? waiting, gain: null, unit: 'requests' },
        evidence: besideOneEvidence(beside, limits),
        where: (lock?.waiters ?? []).slice(0, 2).map(({ stack }) => ({ role: 'waiters', stack })),
        advice:
          'Look for what only one request may be in across an await: an asynchronous mutex or semaphore of 1, a promise chain, a pool of one connection, or a service behind it that serves one at a time. Hold it for the shared state alone, never across I/O; or have one for each key.',
        ...(lock && { locks: [lock.id] }),
      },
    ]
  },
})
