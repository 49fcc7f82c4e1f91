/**
 * Trace Event Format, as Perfetto and chrome://tracing read it: a track a thread with what it was doing, one for each main thread's
 * stalls, counters and marks. The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
import type { Milliseconds } from '../units.ts'

/** A stretch of time of one thread in one state. */
export interface Stretch {
  pid: number
  tid: number
  from: Milliseconds
  to: Milliseconds
  name: string
}

/** All that a trace shows; times in ms since the recording began. */
export interface Trace {
  processes: readonly { pid: number; name: string }[]
  threads: readonly { pid: number; tid: number; name: string }[]
  states: Iterable<Stretch>
  /** Of main threads, which get a track of their own for them. */
  stalls: readonly Stretch[]
  counters: readonly { name: string; points: readonly (readonly [Milliseconds, number])[] }[]
  marks: readonly { t: Milliseconds; name: string }[]
  /** Of the target, for what belongs to none of its processes. */
  pid: number
}

/** No thread has such a number: those of Linux end at 2^22. */
const STALL_TRACK = 10_000_000
const US_PER_MS = 1000

/** The text, in pieces. */
export function* traceFile(trace: Trace): Generator<string> {
  yield '{"displayTimeUnit":"ms","traceEvents":[\n'
  let first = true
  for (const event of events(trace)) {
    yield `${first ? '' : ',\n'}${JSON.stringify(event)}`
    first = false
  }
  yield '\n]}\n'
}

function* events({ processes, threads, states, stalls, counters, marks, pid }: Trace): Generator<object> {
  for (const process of processes)
    yield { ph: 'M', name: 'process_name', pid: process.pid, args: { name: process.name } }
  for (const { tid, name, ...of } of threads) yield { ph: 'M', name: 'thread_name', pid: of.pid, tid, args: { name } }
  for (const stretch of states) yield complete(stretch)
  for (const owner of new Set(stalls.map((stall) => stall.pid)))
    yield { ph: 'M', name: 'thread_name', pid: owner, tid: STALL_TRACK + owner, args: { name: 'event-loop stalls' } }
  for (const stall of stalls) yield complete({ ...stall, tid: STALL_TRACK + stall.pid })
  for (const { name, points } of counters)
    for (const [t, value] of points) yield { ph: 'C', name, pid, ts: t * US_PER_MS, args: { value } }
  for (const { t, name } of marks) yield { ph: 'i', name, pid, tid: pid, ts: t * US_PER_MS, s: 'g' }
}

function complete({ pid, tid, from, to, name }: Stretch): object {
  return { ph: 'X', name, pid, tid, ts: from * US_PER_MS, dur: (to - from) * US_PER_MS }
}
