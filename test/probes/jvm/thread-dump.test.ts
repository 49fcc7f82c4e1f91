import { expect, test } from 'vitest'
import { blockedThreads } from '../../../src/probes/jvm/thread-dump.ts'

/** Of OpenJDK 17's `Thread.print`, shortened. */
const DUMP = `2026-11-29 05:27:41
Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6-Debian-1deb12u1 mixed mode, sharing):

"query" #16 prio=5 os_prio=0 cpu=85.85ms elapsed=10.13s tid=0x00007f78e4001000 nid=0x49d7 waiting for monitor entry  [0x00007f78c8dfe000]
   java.lang.Thread.State: BLOCKED (on object monitor)
	at search.LockOrder.countHit(LockOrder.java:43)
	- waiting to lock <0x00000000e0a0> (a java.util.HashMap)
	at search.LockOrder.cached(LockOrder.java:36)
	- locked <0x00000000e0b0> (a java.util.HashMap)
	at search.LockOrder$$Lambda$24/0x0000000800c03000.apply(Unknown Source)

"rebalancer" #15 prio=5 os_prio=0 cpu=1.2ms elapsed=10.13s tid=0x00007f78e4002000 nid=18904 waiting for monitor entry  [0x00007f78c8dfd000]
   java.lang.Thread.State: BLOCKED (on object monitor)
	at search.LockOrder.dropCold(LockOrder.java:58)
	- waiting to lock <0x00000000e0b0> (a java.util.HashMap)
	at search.LockOrder.rebalanceForEver(LockOrder.java:52)
	- locked <0x00000000e0a0> (a java.util.HashMap)

"pooled" #17 daemon prio=5 os_prio=0 cpu=0.1ms elapsed=9.9s tid=0x00007f78e4003000 nid=0x49da waiting on condition  [0x00007f78c8dfc000]
   java.lang.Thread.State: WAITING (parking)
	at jdk.internal.misc.Unsafe.park(java.base@17.0.15/Native Method)
	- parking to wait for  <0x00000000d000> (a java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject)
	at java.util.concurrent.locks.LockSupport.park(java.base@17.0.15/LockSupport.java:341)

"locked" #18 prio=5 os_prio=0 cpu=0.1ms elapsed=9.9s tid=0x00007f78e4004000 nid=0x49db waiting on condition  [0x00007f78c8dfb000]
   java.lang.Thread.State: WAITING (parking)
	at jdk.internal.misc.Unsafe.park(java.base@17.0.15/Native Method)
	- parking to wait for  <0x00000000d100> (a java.util.concurrent.locks.ReentrantLock$NonfairSync)
	at java.util.concurrent.locks.LockSupport.park(java.base@17.0.15/LockSupport.java:211)

"waits" #19 prio=5 os_prio=0 cpu=0.1ms elapsed=9.9s tid=0x00007f78e4005000 nid=0x49dc in Object.wait()  [0x00007f78c8dfa000]
   java.lang.Thread.State: WAITING (on object monitor)
	at java.lang.Object.wait(java.base@17.0.15/Native Method)
	- waiting on <0x00000000c000> (a java.lang.Object)
	at java.lang.Thread.join(java.base@17.0.15/Thread.java:1313)
	- locked <0x00000000c000> (a java.lang.Object)
`

test('threads that wait for a lock, with who has it; a pool and a wait to be notified are none', () => {
  const [query, rebalancer, locked, ...others] = blockedThreads(DUMP)
  expect(query).toEqual({
    tid: 0x49d7,
    kind: 'mutex',
    lock: '0x00000000e0a0',
    of: 'monitor of java.util.HashMap',
    stack: [
      'search.LockOrder.countHit (LockOrder.java:43)',
      'search.LockOrder.cached (LockOrder.java:36)',
      'search.LockOrder$$Lambda$24.apply (Unknown Source)',
    ],
    owner: 18904,
  })
  expect(rebalancer).toMatchObject({ tid: 18904, lock: '0x00000000e0b0', owner: 0x49d7 })
  expect(locked).toMatchObject({ tid: 0x49db, of: 'ReentrantLock', owner: 0 })
  expect(others).toEqual([])
})

/** Of OpenJDK 17: three in a circle, and one that waits beside it under the same name. */
const CIRCLE = `"query" #12 prio=5 os_prio=0 cpu=0.48ms elapsed=3.27s tid=0x00007f2460118f90 nid=0x3f98 waiting on condition  [0x00007f242defe000]
   java.lang.Thread.State: WAITING (parking)
	at jdk.internal.misc.Unsafe.park(java.base@17.0.15/Native Method)
	- parking to wait for  <0x000000069ec19540> (a java.util.concurrent.locks.ReentrantLock$NonfairSync)
	at Dead.lambda$main$0(Dead.java:5)

"query" #13 prio=5 os_prio=0 cpu=0.44ms elapsed=3.27s tid=0x00007f246011a0a0 nid=0x3f99 waiting for monitor entry  [0x00007f242ddfe000]
   java.lang.Thread.State: BLOCKED (on object monitor)
	at Dead.lambda$main$1(Dead.java:6)
	- waiting to lock <0x000000069ec19560> (a java.lang.Object)

"query" #15 prio=5 os_prio=0 cpu=0.20ms elapsed=3.27s tid=0x00007f246011c360 nid=0x3f9b waiting on condition  [0x00007f242dbfe000]
   java.lang.Thread.State: WAITING (parking)
	at jdk.internal.misc.Unsafe.park(java.base@17.0.15/Native Method)
	- parking to wait for  <0x000000069ec19510> (a java.util.concurrent.locks.ReentrantLock$NonfairSync)

"third" #14 prio=5 os_prio=0 cpu=0.12ms elapsed=3.27s tid=0x00007f246011b2b0 nid=0x3f9a waiting on condition  [0x00007f242dcfe000]
   java.lang.Thread.State: WAITING (parking)
	at jdk.internal.misc.Unsafe.park(java.base@17.0.15/Native Method)
	- parking to wait for  <0x000000069ec19510> (a java.util.concurrent.locks.ReentrantLock$NonfairSync)
	at Dead.lambda$main$2(Dead.java:7)
	- locked <0x000000069ec19560> (a java.lang.Object)

Found one Java-level deadlock:
=============================
"query":
  waiting for ownable synchronizer 0x000000069ec19540, (a java.util.concurrent.locks.ReentrantLock$NonfairSync),
  which is held by "query"

"query":
  waiting to lock monitor 0x00007f23c80015a0 (object 0x000000069ec19560, a java.lang.Object),
  which is held by "third"

"third":
  waiting for ownable synchronizer 0x000000069ec19510, (a java.util.concurrent.locks.ReentrantLock$NonfairSync),
  which is held by "query"

Java stack information for the threads listed above:
===================================================
"query":
	at jdk.internal.misc.Unsafe.park(java.base@17.0.15/Native Method)
	- parking to wait for  <0x000000069ec19540> (a java.util.concurrent.locks.ReentrantLock$NonfairSync)

Found 1 deadlock.
`

test('who has a lock of java.util.concurrent is told of a deadlock', () => {
  const owners = blockedThreads(CIRCLE).map(({ tid, lock, owner }) => [tid, lock.slice(-3), owner])
  expect(owners).toEqual([
    [0x3f98, '540', 0x3f99],
    [0x3f99, '560', 0x3f9a],
    [0x3f9b, '510', 0x3f98],
    [0x3f9a, '510', 0x3f98],
  ])
})
