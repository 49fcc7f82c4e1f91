import { expect, test } from 'vitest'
import { DumpedHolders } from '../../../src/probes/jvm/dumped-holders.ts'
import type { JvmWait } from '../../../src/probes/jvm/events.ts'
import { seenHolders } from '../../../src/probes/jvm/thread-dump.ts'
import type { AnyRecord } from '../../../src/recording/schema.ts'

/** Of OpenJDK 17, shortened: a thread that reads from a socket under a monitor, one that waits for that; and one that ranks under another. */
const DUMP = `"query" #20 prio=5 os_prio=0 cpu=8.2ms elapsed=10.1s tid=0x00007f78e4001000 nid=0x4a01 runnable  [0x00007f78c8dfe000]
   java.lang.Thread.State: RUNNABLE
	at sun.nio.ch.Net.poll(java.base@17.0.15/Native Method)
	at sun.nio.ch.NioSocketImpl.park(java.base@17.0.15/NioSocketImpl.java:186)
	at java.net.Socket$SocketInputStream.read(java.base@17.0.15/Socket.java:1099)
	at search.SharedConnection.fetch(SharedConnection.java:34)
	- locked <0x00000000e0a0> (a search.Store)

"query" #21 prio=5 os_prio=0 cpu=8.2ms elapsed=10.1s tid=0x00007f78e4002000 nid=0x4a02 waiting for monitor entry  [0x00007f78c8dfd000]
   java.lang.Thread.State: BLOCKED (on object monitor)
	at search.SharedConnection.fetch(SharedConnection.java:32)
	- waiting to lock <0x00000000e0a0> (a search.Store)
	- locked <0x00000000e0b0> (a search.Index)

"query" #22 prio=5 os_prio=0 cpu=8.2ms elapsed=10.1s tid=0x00007f78e4003000 nid=0x4a03 waiting for monitor entry  [0x00007f78c8dfc000]
   java.lang.Thread.State: BLOCKED (on object monitor)
	at search.SharedConnection.search(SharedConnection.java:27)
	- waiting to lock <0x00000000e0b0> (a search.Index)
`

test('who has a monitor that others wait for, and what it is blocked in', () => {
  expect(seenHolders(DUMP)).toMatchObject([
    { tid: 0x4a01, waiters: [0x4a02], doing: 'Socket$SocketInputStream.read', isBehindLock: false },
    { tid: 0x4a02, waiters: [0x4a03], isBehindLock: true },
  ])
  expect(
    seenHolders(DUMP.replace('sun.nio.ch.Net.poll(java.base@17.0.15/Native Method)', 'a.B.rank(B.java:1)'))[0],
  ).toMatchObject({
    doing: 'running',
  })
})

const wait = (tid: number, from: number, to: number): JvmWait => ({
  kind: 'mutex',
  lock: '0x7f01',
  of: 'monitor of search.Store',
  tid,
  owner: 0,
  stack: [],
  from,
  to,
})

test('a lock is told by what its waiter waited for at that time, which the recorder may tell later', () => {
  const looks = new DumpedHolders()
  const added: AnyRecord[] = []
  const sink = { add: (record: AnyRecord) => added.push(record), string: () => 1, stack: () => 2 }
  looks.add(500, seenHolders(DUMP).slice(0, 1))
  looks.write(sink, 10, new Map([['L', [wait(0x4a02, 100, 400), wait(7, 100, 600)]]]))
  expect(added).toEqual([])
  looks.write(sink, 10, new Map([['L', [wait(0x4a02, 450, 650)]]]))
  expect(added).toEqual([{ k: 'holder', t: 500, pid: 10, tid: 0x4a01, lock: 'L', doing: 1, stack: 2, n: 1 }])
  looks.write(sink, 10, new Map([['L', [wait(0x4a02, 450, 650)]]]))
  expect(added).toHaveLength(1)
})

test('what nothing tells of, as of a wait that never ends, is forgotten', () => {
  const looks = new DumpedHolders()
  const added: AnyRecord[] = []
  const sink = { add: (record: AnyRecord) => added.push(record), string: () => 1, stack: () => 2 }
  for (let t = 500; t < 60_000; t += 500) looks.add(t, seenHolders(DUMP).slice(0, 1))
  looks.write(sink, 10, new Map([['L', [wait(0x4a02, 100, 60_000)]]]))
  expect(added).toHaveLength(30)
})
