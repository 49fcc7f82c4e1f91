import { expect, test } from 'vitest'
import { lockClass, parkKind } from '../../../src/probes/jvm/park-kind.ts'

/** Leaf first, as Java 17 and 11 have them. */
const park = [
  'jdk.internal.misc.Unsafe.park (Unsafe.java)',
  'java.util.concurrent.locks.LockSupport.park (LockSupport.java:211)',
]
const AQS = 'java.util.concurrent.locks.AbstractQueuedSynchronizer'
const acquire = [
  ...park,
  `${AQS}.acquire (AbstractQueuedSynchronizer.java:715)`,
  `${AQS}.acquire (AbstractQueuedSynchronizer.java:938)`,
]
const RW = 'java.util.concurrent.locks.ReentrantReadWriteLock'

test.each([
  ['a ReentrantLock', 'java.util.concurrent.locks.ReentrantLock$NonfairSync', acquire, 'mutex'],
  ['a fair one', 'java.util.concurrent.locks.ReentrantLock$FairSync', acquire, 'mutex'],
  [
    'to write',
    `${RW}$NonfairSync`,
    [...acquire, `${RW}$WriteLock.lock (ReentrantReadWriteLock.java:959)`],
    'rwlock-write',
  ],
  [
    'to read',
    `${RW}$NonfairSync`,
    [...acquire, `${RW}$ReadLock.lock (ReentrantReadWriteLock.java:738)`],
    'rwlock-read',
  ],
  [
    'a StampedLock to read',
    'java.util.concurrent.locks.StampedLock',
    [...park, 'java.util.concurrent.locks.StampedLock.acquireRead (StampedLock.java:1427)'],
    'rwlock-read',
  ],
  [
    "a pool's queue",
    `${AQS}$ConditionObject`,
    [...park, `${AQS}$ConditionObject.await (AbstractQueuedSynchronizer.java:1623)`],
    'condition',
  ],
  [
    'the lock of a condition, once it is signalled',
    'java.util.concurrent.locks.ReentrantLock$NonfairSync',
    [...acquire, `${AQS}$ConditionObject.await (AbstractQueuedSynchronizer.java:1640)`],
    'mutex',
  ],
  ['a fork-join pool', 'java.util.concurrent.ForkJoinPool', park, 'condition'],
  ['a future', 'java.util.concurrent.CompletableFuture$Signaller', park, 'condition'],
  ['a latch', 'java.util.concurrent.CountDownLatch$Sync', acquire, 'condition'],
  ['a semaphore', 'java.util.concurrent.Semaphore$NonfairSync', acquire, 'semaphore'],
  ["somebody's own lock", 'org.example.Lock$Sync', acquire, 'mutex'],
  ["somebody's own latch", 'org.example.Latch$Sync', [...park, `${AQS}.acquireSharedInterruptibly (A.java:1)`], 'park'],
  ['nothing', '', park, 'park'],
])('parked at %s', (_, parkedAt, stack, kind) => {
  expect(parkKind(parkedAt, stack)).toBe(kind)
})

test('a lock goes by what programs call it', () => {
  expect(lockClass('java.util.concurrent.locks.ReentrantLock$NonfairSync')).toBe('ReentrantLock')
  expect(lockClass(`${AQS}$ConditionObject`)).toBe('ConditionObject')
  expect(lockClass('org.example.Lock')).toBe('org.example.Lock')
})
