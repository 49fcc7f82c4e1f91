import { describe, expect, it } from 'vitest'
import { readEventLoop } from '../../src/analysis/event-loop.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const loop: RecordOf<'loop'> = {
  k: 'loop',
  t: 5000,
  pid: 10,
  tid: 10,
  ms: 200,
  utilization: null,
  delays: [
    [0.1, 19],
    [200, 1],
  ],
}
const stall = (fields: Partial<RecordOf<'stall'>>): RecordOf<'stall'> => ({
  k: 'stall',
  t: 5000,
  pid: 10,
  tid: 10,
  ms: 200,
  beatMs: 205,
  cpuMs: 0,
  queuedMs: 0,
  ...fields,
})
const causeOf = (...records: AnyRecord[]) =>
  readEventLoop(sourceOf([loop, ...records]), new Map(), new Map())?.stalls[0]?.cause

describe('what a stall was', () => {
  it.each([
    ['JavaScript on CPU', [stall({ cpuMs: 200 })], 'cpu'],
    ['CPU, drawn out by others', [stall({ cpuMs: 100, queuedMs: 100 })], 'cpu'],
    ['a blocking call', [stall({ cpuMs: 10 })], 'blocked'],
    ['no stall but for others', [stall({ cpuMs: 30, queuedMs: 170 })], 'stolen'],
    [
      'garbage collection',
      [
        stall({ cpuMs: 200 }),
        { k: 'gc', t: 5100, pid: 10, tid: 10, n: 1, ms: 150, long: [[4990, 150, 'mark-compact']] },
      ],
      'gc',
    ],
    ['not known without /proc', [stall({ cpuMs: null, queuedMs: null })], 'unknown'],
  ] as [string, AnyRecord[], string][])('%s', (_name, records, cause) => {
    expect(causeOf(...records)).toBe(cause)
  })

  it('its stacks are those of the profile in its time, idle left out', () => {
    const samples = [
      { t: 4700, ms: 200, stack: ['before'] },
      { t: 4900, ms: 60, stack: ['main', 'regex'] },
      { t: 4960, ms: 40, stack: ['(idle)'] },
    ]
    const found = readEventLoop(sourceOf([loop, stall({ cpuMs: 200 })]), new Map(), new Map([['10/10', samples]]))
    const [heaviest, other] = found?.stalls[0]?.stacks ?? []
    expect(heaviest).toEqual({ stack: ['before'], share: 0.625 })
    expect(other?.stack).toEqual(['regex', 'main'])
  })
})

it('workers and their stalls are not the event loop of the target', () => {
  expect(readEventLoop(sourceOf([{ ...loop, tid: 11 }]), new Map(), new Map())).toBeNull()
})

it('of the requests it is told which share the loop that speaks serves', () => {
  const http = (pid: number, started: number): AnyRecord => ({
    k: 'http',
    t: 5000,
    pid,
    tid: pid,
    started,
    finished: started,
    aborted: 0,
    non2xx: 0,
    inFlight: 1,
    inFlightPeak: 1,
    sumMs: 0,
    sumSqMs: 0,
    latency: [],
  })
  const node: AnyRecord = { k: 'node', t: 0, pid: 20, tid: 20, version: 'v20.0.0', threadId: 0 }
  const other = { ...loop, pid: 20, tid: 20 }
  const found = readEventLoop(sourceOf([node, loop, other, http(10, 30), http(20, 10)]), new Map(), new Map())
  expect(found?.requestShare).toBe(0.75)
  expect(readEventLoop(sourceOf([loop]), new Map(), new Map())?.requestShare).toBe(1)
})
