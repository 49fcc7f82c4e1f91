import type { RecordOf } from '../../recording/schema.ts'
import type { Milliseconds } from '../../units.ts'
import type { Chunk, JfrEvent } from './jfr/chunk.ts'
import { Names } from './names.ts'
import { lockClass, parkKind } from './park-kind.ts'

/** A wait that ended at `to`, in Unix milliseconds. */
export interface JvmWait {
  kind: RecordOf<'runtime-wait'>['kind']
  /** Where the object lies that was waited for, in hex, and what it is: `monitor of com.example.Index`. */
  lock: string
  of: string
  tid: number
  from: Milliseconds
  to: Milliseconds
  stack: string[]
  /** Who had it last; 0 where the JVM does not say. */
  owner: number
}

/** What a chunk tells, each in the order of its times. */
export interface JvmEvents {
  waits: JvmWait[]
  births: { t: Milliseconds; tid: number; stack: string[] }[]
  deaths: { t: Milliseconds; tid: number }[]
  pauses: { t: Milliseconds; ms: Milliseconds; name: string }[]
  /** Threads that ran Java code. */
  samples: { t: Milliseconds; tid: number; stack: string[] }[]
  /** Bytes that the JVM had to leave out. */
  lostBytes: number
}

type Take = (events: JvmEvents, fields: JfrEvent['fields'], chunk: Chunk, names: Names) => void

const TAKES: Readonly<Record<string, Take>> = {
  'jdk.JavaMonitorEnter'({ waits }, fields, chunk, names) {
    const of = `monitor of ${names.className(fields['monitorClass'])}`
    waits.push({ kind: 'mutex', of, ...waitOf(fields, chunk, names), owner: names.threadId(fields['previousOwner']) })
  },
  'jdk.JavaMonitorWait'({ waits }, fields, chunk, names) {
    const of = `monitor of ${names.className(fields['monitorClass'])}`
    waits.push({ kind: 'condition', of, ...waitOf(fields, chunk, names), owner: 0 })
  },
  'jdk.ThreadPark'({ waits }, fields, chunk, names) {
    const at = names.className(fields['parkedClass'])
    const wait = waitOf(fields, chunk, names)
    waits.push({ kind: parkKind(at, wait.stack), of: lockClass(at), ...wait, owner: 0 })
  },
  'jdk.ThreadStart'({ births }, fields, chunk, names) {
    const t = chunk.timeOf(fields['startTime'])
    births.push({ t, tid: names.threadId(fields['thread']), stack: names.stack(fields['stackTrace']) })
  },
  'jdk.ThreadEnd'({ deaths }, fields, chunk, names) {
    deaths.push({ t: chunk.timeOf(fields['startTime']), tid: names.threadId(fields['thread']) })
  },
  'jdk.GCPhasePause'({ pauses }, fields, chunk) {
    const ms = chunk.spanOf(fields['duration'])
    pauses.push({ t: chunk.timeOf(fields['startTime']) + ms, ms, name: chunk.text(fields['name']) })
  },
  'jdk.ExecutionSample'({ samples }, fields, chunk, names) {
    const t = chunk.timeOf(fields['startTime'])
    samples.push({ t, tid: names.threadId(fields['sampledThread']), stack: names.stack(fields['stackTrace']) })
  },
  'jdk.DataLoss'(events, fields) {
    events.lostBytes += Number(fields['amount'] ?? 0)
  },
}
const WANTED: ReadonlySet<string> = new Set(Object.keys(TAKES))

/** @throws RangeError where the chunk is broken. */
export function readEvents(chunk: Chunk): JvmEvents {
  const events: JvmEvents = { waits: [], births: [], deaths: [], pauses: [], samples: [], lostBytes: 0 }
  const names = new Names(chunk)
  for (const { type, fields } of chunk.events(WANTED)) TAKES[type]?.(events, fields, chunk, names)
  events.waits.sort((a, b) => a.to - b.to)
  for (const list of [events.births, events.deaths, events.pauses, events.samples]) list.sort((a, b) => a.t - b.t)
  return events
}

function waitOf(
  fields: JfrEvent['fields'],
  chunk: Chunk,
  names: Names,
): Pick<JvmWait, 'lock' | 'tid' | 'from' | 'to' | 'stack'> {
  const from = chunk.timeOf(fields['startTime'])
  return {
    lock: `0x${Number(fields['address'] ?? 0).toString(16)}`,
    tid: names.threadId(fields['eventThread']),
    from,
    to: from + chunk.spanOf(fields['duration']),
    stack: names.stack(fields['stackTrace']),
  }
}
