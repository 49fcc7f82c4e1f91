/**
 * What a recording holds: the header (line 1) and the kinds of record after it.
 * `t` is in monotonic milliseconds since the recording began; durations are in milliseconds, sizes in bytes.
 * docs/recording-format.md describes the same for readers in other languages.
 */
import * as v from 'valibot'
import { nativeRecords } from './native-records.ts'
import { nodeRecords } from './node-records.ts'
import { procRecords } from './proc-records.ts'
import { runtimeRecords } from './runtime-records.ts'
import { sampledRecords } from './sampled-records.ts'
import { fidelity, histogram, id, LIMITS, list, num, record, text } from './schema-values.ts'

export { LIMITS } from './schema-values.ts'

export const FORMAT = 'holdup-recording'
export const VERSION = 2

export const headerSchema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  holdup: text,
  /** Unix milliseconds at `t` = 0. */
  startedAt: num,
  /** CLOCK_MONOTONIC in milliseconds at `t` = 0: what other clocks of the machine are held against. */
  monotonicMs: num,
  target: v.object({ pid: id, command: text, attached: v.boolean() }),
  host: v.object({
    cores: num,
    platform: text,
    arch: text,
    kernel: text,
    memoryBytes: num,
    /** CPUs the cgroup allows, null without a limit. */
    cgroupCpuLimit: v.nullable(num),
    /** Milliseconds a clock tick of /proc/PID/stat. */
    tickMs: num,
  }),
  options: v.object({
    warmupMs: num,
    cpuProfileMs: v.nullable(num),
  }),
  probes: list(v.object({ id: text, fidelity, signals: list(text), note: v.optional(text) })),
})

export const recordSchemas = {
  /** Interned text; `id` counts up from 0. */
  string: v.object({ k: v.literal('string'), id, s: text }),
  /** Interned stack: string ids, leaf first. A frame reads `function (file:line:column)`. */
  stack: v.object({ k: v.literal('stack'), id, frames: v.pipe(v.array(id), v.maxLength(LIMITS.frames)) }),

  ...procRecords,
  ...sampledRecords,
  ...nodeRecords,
  ...nativeRecords,
  ...runtimeRecords,

  // The load driver (client side).
  /**
   * Requests since the record before. Of the driver itself: its CPU, how late its own timers came (`lag`), and CPU time of the whole
   * machine (`busyMs`). At a given rate: how long after its time each request was taken up (`pacing`), and how many waited for a
   * connection at `t`.
   */
  load: record('load', {
    ms: num,
    requests: num,
    non2xx: num,
    timeouts: num,
    errors: num,
    inFlight: num,
    sumMs: num,
    sumSqMs: num,
    latency: histogram,
    cpuMs: v.optional(num),
    lag: v.optional(histogram),
    busyMs: v.optional(num),
    pacing: v.optional(histogram),
    queued: v.optional(num),
  }),
  /** A step of `holdup scale`: so many connections, measured from `from` to `t`. */
  step: record('step', { from: num, connections: num, of: v.picklist(['ramp', 'capacity']) }),
  /** After a load of so many connections, from `began` on: one alone, measured from `from` to `t`; `fresh`: each request on one of its own. */
  alone: record('alone', { began: num, from: num, connections: num, fresh: v.optional(v.boolean()) }),
  /** What `holdup scale` was asked for, and why its ramp ended. `slo`: `p99<100ms`. */
  scale: record('scale', { slo: v.optional(text), maxErrors: num, ended: text }),

  // The recorder itself.
  mark: record('mark', { label: text }),
  /** How late holdup's own sweeps came since the record before: `late` of `ticks` by more than half a period. */
  recorder: record('recorder', { ticks: num, late: num, maxLateMs: num }),
  /**
   * Detail before `before` was thinned to stay within the size cap. `left`: records left out altogether, by kind (of the
   * CPU profile, of threads and processes that are gone); only where halving the detail was not enough.
   */
  thinned: record('thinned', { before: num, left: v.optional(list(v.tuple([text, num]))) }),
  /** Always last in a recording that was not cut off. */
  end: record('end', {
    reason: text,
    exit: v.nullable(v.object({ code: v.nullable(num), signal: v.nullable(text) })),
    /** `kept`: of a probe whose events are no records. */
    probes: list(v.object({ id: text, cpuSeconds: num, dropped: num, kept: v.optional(num), note: v.optional(text) })),
  }),
} as const

export type Header = v.InferOutput<typeof headerSchema>
export type RecordKind = keyof typeof recordSchemas
export type RecordOf<K extends RecordKind> = v.InferOutput<(typeof recordSchemas)[K]>
export type AnyRecord = { [K in RecordKind]: RecordOf<K> }[RecordKind]
export type Fidelity = v.InferOutput<typeof fidelity>
export type Histogram = v.InferOutput<typeof histogram>
