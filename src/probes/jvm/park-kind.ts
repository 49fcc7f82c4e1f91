import type { RecordOf } from '../../recording/schema.ts'

type Kind = RecordOf<'runtime-wait'>['kind']

const SYNCS = /^java\.util\.concurrent\.(?:locks\.)?(\w+)\$(?:Sync|NonfairSync|FairSync)$/
const WRITE = /\$WriteLock\.|\.(?:acquireWrite|(?:try)?[wW]riteLock\w*)$/
const READ = /\$ReadLock\.|\.(?:acquireRead|(?:try)?[rR]eadLock\w*)$/
/** Of a lock made of AbstractQueuedSynchronizer by somebody else. */
const ACQUIRES = /AbstractQueued(?:Long)?Synchronizer\.(?:acquire(?!Shared)|doAcquire(?!Shared)|tryAcquireNanos)/
const LOOKED_AT = 12

/**
 * What a thread is parked for, by the class of what it is parked at and its stack, leaf first. A wait for work, an answer or the end of
 * something is a `condition`; what nothing tells of is a `park`.
 */
export function parkKind(parkedAt: string, stack: readonly string[]): Kind {
  const calls = stack.slice(0, LOOKED_AT).map((frame) => frame.split(' (')[0] ?? '')
  const of = SYNCS.exec(parkedAt)?.[1]
  if (of === 'ReentrantLock') return 'mutex'
  if (of === 'ReentrantReadWriteLock' || parkedAt === 'java.util.concurrent.locks.StampedLock') {
    if (calls.some((call) => WRITE.test(call))) return 'rwlock-write'
    return calls.some((call) => READ.test(call)) ? 'rwlock-read' : 'rwlock-write'
  }
  if (of === 'Semaphore') return 'semaphore'
  // What else java.util.concurrent parks at: conditions, queues, pools, futures, latches.
  if (parkedAt.startsWith('java.util.concurrent.')) return 'condition'
  return parkedAt !== '' && calls.some((call) => ACQUIRES.test(call)) ? 'mutex' : 'park'
}

/** How what is parked at is called: `ReentrantLock`, `ConditionObject`, or somebody else's class in full. */
export function lockClass(parkedAt: string): string {
  const last = parkedAt.startsWith('java.util.concurrent.') ? /[^.$]+$/.exec(parkedAt)?.[0] : undefined
  return SYNCS.exec(parkedAt)?.[1] ?? last ?? parkedAt
}
