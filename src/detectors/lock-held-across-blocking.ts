import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector, type Place } from './detector.ts'
import { holderEvidence, isQueue, mostlyIn, placesOf, QUEUE_THRESHOLDS, queueEvidence, queuesOf } from './lock-queue.ts'

export const lockHeldAcrossBlocking = defineDetector({
  meta: {
    id: 'lock-held-across-blocking',
    title: 'A lock held while its holder is blocked',
    category: 'locks',
    requires: ['lockWait'],
    optional: ['runQueue', 'threads', 'cpu'],
    yieldsTo: [
      'thread-per-request',
      'deadlock-or-stuck',
      'gil-contention',
      'allocator-lock',
      'synchronous-logger-lock',
    ],
    thresholds: {
      ...QUEUE_THRESHOLDS,
      blocked: {
        default: 0.5,
        unit: 'ratio',
        description: 'of the looks at its holder those that found it blocked, but not behind another lock',
        source: 'holdup: the lock is held for longer by what the holder waits for than by what it does',
      },
      cpu: {
        default: 0.6,
        unit: 'ratio',
        description: 'CPU used, of the available; from there on no more than a warning',
        source: 'holdup: then the cores have less than as much again to give',
      },
    },
  },

  detect({ signals: { lockWait, runQueue, cpu, threads }, limits, claimed }) {
    const queues = queuesOf(
      { lockWait, runQueue, threads },
      { limits, claimed },
      ({ holderBlocked: held }) => held !== null && held.share - held.behindLock >= limits.blocked,
    )
    if (queues.length === 0) {
      const untold = lockWait.locks.some(
        (lock) => !claimed.has(lock.id) && isQueue(lock, limits, threads) && lock.holderBlocked === null,
      )
      return untold ? { missing: ['what the holder of the lock does'] } : []
    }
    const used = cpu ? cpu.cores / cpu.available : null
    const isBusy = used !== null && used >= limits.cpu
    return queues.map(({ lock, ratio, severity }) => {
      const { holdPerSecond: hold, holdFidelity: fidelity, holderBlocked } = lock
      const evidence = [...queueEvidence({ lock, ratio }, limits), ...holderEvidence(lock, limits.blocked)]
      if (hold !== null) evidence.push({ name: 'held', value: hold, unit: 'ratio', fidelity })
      if (cpu && used !== null) {
        evidence.push({ name: 'CPU', value: used, unit: 'ratio', limit: limits.cpu, fidelity: cpu.fidelity })
      }
      return {
        severity: isBusy ? ('warning' as const) : severity,
        summary: `${formatNumber(lock.heldUp)} threads on average wait for the ${lock.name} (limit ${formatNumber(limits.threadsHeldUp)}) while the thread that holds it is itself blocked, in ${formatRatio((holderBlocked?.share ?? 0) - (holderBlocked?.behindLock ?? 0))} of the samples of it (limit ${formatRatio(limits.blocked)})${mostlyIn(holderBlocked?.in ?? '')}.`,
        cost: { threadsHeldUp: lock.heldUp, gain: null },
        evidence,
        where: [...blockedHolder(holderBlocked?.stack ?? []), ...placesOf(lock)],
        advice:
          'Give the lock back before the call that blocks, and take it again for what changes shared state. What must be had one at a time, such as a connection or a file, belongs in a pool of several, or to one thread that is sent messages and that nobody waits for with a lock.',
        locks: [lock.id],
      }
    })
  },
})

function blockedHolder(stack: string[]): Place[] {
  return stack.length > 0 ? [{ role: 'holder, blocked', stack }] : []
}
