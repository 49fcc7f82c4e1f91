import { describe, expect, it } from 'vitest'
import { Covered } from '../../../src/probes/jvm/covered.ts'
import type { JvmWait } from '../../../src/probes/jvm/events.ts'
import { HoldTally } from '../../../src/probes/jvm/hold-tally.ts'
import type { AnyRecord } from '../../../src/recording/schema.ts'
import { looksAtHolders } from '../../../src/probes/jvm/holders.ts'
import { LockIds, lockKey } from '../../../src/probes/jvm/lock-ids.ts'
import { slicesOf } from '../../../src/probes/jvm/slices.ts'

function wait(from: number, to: number, more: Partial<JvmWait> = {}): JvmWait {
  return {
    kind: 'mutex',
    lock: '0x1',
    of: 'ReentrantLock',
    tid: 7,
    owner: 0,
    stack: ['Main.search (Main.java:1)'],
    from,
    to,
    ...more,
  }
}

describe('time that spans cover', () => {
  it('counts once', () => {
    const covered = new Covered()
    expect(covered.add([10, 20])).toEqual([[10, 20]])
    expect(covered.add([30, 40])).toEqual([[30, 40]])
    expect(covered.add([15, 35])).toEqual([[20, 30]])
    expect(covered.add([5, 45])).toEqual([
      [5, 10],
      [40, 45],
    ])
    expect(covered.add([6, 44])).toEqual([])
    covered.forget(50)
    expect(covered.add([6, 44])).toEqual([[6, 44]])
  })

  it('falls into slices of a quarter of a second, from the beginning of the recording', () => {
    expect(slicesOf([-500, 600])).toEqual([
      [0, 250],
      [1, 250],
      [2, 100],
    ])
  })
})

describe('a lock that the collector moves', () => {
  const pause = (t: number) => ({ t, ms: 2, name: 'G1' })
  const namesOf = (waits: JvmWait[], pauses: { t: number; ms: number; name: string }[]) => {
    const names = new LockIds().name({ waits, pauses })
    return new Set(waits.map((one) => names.get(lockKey(one)))).size
  }

  it('is one where a pause lies between its addresses', () => {
    expect(namesOf([wait(0, 10), wait(20, 30, { lock: '0x2' })], [pause(15)])).toBe(1)
  })

  it('is two without a pause, in another place, or where both are waited for at once', () => {
    expect(namesOf([wait(0, 10), wait(20, 30, { lock: '0x2' })], [])).toBe(2)
    expect(namesOf([wait(0, 10), wait(20, 30, { lock: '0x2', stack: ['Main.put (Main.java:9)'] })], [pause(15)])).toBe(
      2,
    )
    expect(namesOf([wait(0, 10), wait(20, 30, { lock: '0x2' }), wait(30, 40)], [pause(15)])).toBe(2)
  })

  it('is one from chunk to chunk', () => {
    const ids = new LockIds()
    const first = ids.name({ waits: [wait(0, 10)], pauses: [pause(12)] })
    const second = ids.name({ waits: [wait(20, 30, { lock: '0x2' })], pauses: [] })
    expect([...first.values()]).toEqual([...second.values()])
  })
})

describe('a look at a thread that runs while others wait', () => {
  const look = (tid: number, waits: JvmWait[]) =>
    looksAtHolders(new Map([['L', waits]]), [{ t: 15, tid, stack: ['Main.rank (Main.java:2)'] }]).length

  it('shows the holder where the JVM says who had it before the next wait that ends', () => {
    expect(look(9, [wait(0, 10, { owner: 8 }), wait(2, 20, { owner: 9 })])).toBe(1)
    expect(look(8, [wait(0, 10, { owner: 8 }), wait(2, 20, { owner: 9 })])).toBe(0)
  })

  it('shows the holder where it does not: the last that got it', () => {
    expect(look(6, [wait(0, 10, { tid: 6 }), wait(2, 20)])).toBe(1)
    expect(look(7, [wait(0, 10, { tid: 6 }), wait(2, 20)])).toBe(0)
  })

  it('shows nothing where nobody waits', () => {
    expect(look(6, [wait(0, 10, { tid: 6 }), wait(18, 20)])).toBe(0)
  })
})

describe('where a lock is held', () => {
  /** Held from 0 to 1 s; a look is a sample, of which there is one each 20 ms. */
  const stacksAfter = (looks: number) => {
    const tally = new HoldTally()
    const added: AnyRecord[] = []
    tally.addWaits('0x1', [wait(0, 1000)])
    tally.addLooks(Array.from({ length: looks }, (_, i) => ({ t: 1 + i * 20, lock: '0x1', stack: ['Main.rank'] })))
    tally.write({ add: (record) => added.push(record), string: () => 1, stack: () => 1 }, 10, 1000)
    return added.filter((record) => 'stack' in record).length
  }

  it('is told by samples of its holder, where these are a fifth of the time at the least', () => {
    expect(stacksAfter(9)).toBe(0)
    expect(stacksAfter(10)).toBeGreaterThan(0)
  })
})
