import { describe, expect, it } from 'vitest'
import { threadSamples } from '../../src/analysis/thread-samples.ts'
import { splitThreadTime } from '../../src/analysis/thread-time.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'
import { columnsOf } from '../../src/recording/sweep.ts'

const strings = ['epoll_wait', 'futex 0x189 0x0', 'futex 0x80 0x2', 'read', 'clock_nanosleep', 'syscall 999']

/** One thread looked at each 100 ms for 10 s: `cpu` and `queued` ms in each, seen in `state` and `wait`. */
function sweeps(tid: number, cpu: number, queued: number, state: string, wait: number): RecordOf<'threads'>[] {
  return Array.from({ length: 101 }, (_, i) => ({
    k: 'threads',
    t: i * 100,
    pid: 10,
    of: 1,
    ...columnsOf([[tid, cpu * i, queued * i, state, wait]]),
  }))
}

function split(records: RecordOf<'threads'>[], lockMs = 0) {
  const source = sourceOf(records, { strings })
  const [group] = splitThreadTime(source, threadSamples(source), new Map([['10/11', lockMs]]))
  return group?.seconds
}

describe('thread-time', () => {
  it.each([
    ['on CPU', 100, 0, 'R', -1, { onCpu: 10 }],
    ['waiting for a core', 40, 60, 'R', -1, { onCpu: 4, runnable: 6 }],
    ['in its event loop', 20, 0, 'S', 0, { onCpu: 2, idleWait: 8 }],
    ['parked', 0, 0, 'S', 1, { idleWait: 10 }],
    ['reading', 0, 0, 'S', 3, { ioWait: 10 }],
    ['asleep', 0, 0, 'S', 4, { sleeping: 10 }],
    ['in the disk', 0, 0, 'D', -1, { ioWait: 10 }],
    ['nobody knows', 0, 0, 'S', -1, { unknown: 10 }],
    ['in a call we do not know', 0, 0, 'S', 5, { unknown: 10 }],
  ])('%s', (_name, cpu, queued, state, wait, expected) => {
    const seconds = split(sweeps(11, cpu, queued, state, wait))
    for (const [name, value] of Object.entries(expected)) expect(seconds?.[name as 'onCpu']).toBeCloseTo(value)
    expect(Object.values(seconds ?? {}).reduce((sum, value) => sum + value, 0)).toBeCloseTo(10)
  })

  it("a JavaScript thread's futex is idle but for what the agent measured", () => {
    expect(split(sweeps(11, 0, 0, 'S', 1), 3000)).toMatchObject({ lockWait: 3, idleWait: 7 })
  })

  it("glibc's contended mutex tells of itself in other threads", () => {
    expect(split(sweeps(99, 0, 0, 'S', 2))).toMatchObject({ lockWait: 10 })
  })
})
