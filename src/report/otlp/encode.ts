/**
 * Parts of OTLP's messages as JSON: proto3's mapping with enums as numbers, 64-bit integers as text and camelCase names.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import type { Milliseconds } from '../../units.ts'
import { plainText } from '../plain-text.ts'

/** Sentences of findings, and their advice. */
const TEXT_CHARACTERS = 1000
/** Of AggregationTemporality: what was counted since the start. */
const CUMULATIVE = 2

/** Names and values; what is null is left out. */
export type Attributes = Readonly<Record<string, string | number | null>>

/** When counting began, and until when; in ms since 1970. */
export interface Times {
  startedAt: Milliseconds
  at: Milliseconds
}

/** A value of a metric, with what tells it from the others; null or not finite: left out. */
export interface Point {
  value: number | null | undefined
  attributes?: Attributes
}

/** Requests or the like by how long they took: one count a bucket, one bucket more than there are bounds. */
export interface Buckets {
  bounds: readonly number[]
  counts: readonly number[]
  sum: number
}

interface Named {
  name: string
  /** Of UCUM: `s`, `By`, `1`, `{thread}`. */
  unit: string
  description: string
}

/** What is now. */
export function gauge(metric: Named, points: readonly Point[], times: Times): object[] {
  const dataPoints = numbers(points, times)
  return dataPoints.length > 0 ? [{ ...metric, gauge: { dataPoints } }] : []
}

/** What adds up over the points: `isMonotonic` counts since the start, else is now. */
export function sum(metric: Named, points: readonly Point[], times: Times, isMonotonic: boolean): object[] {
  const dataPoints = numbers(points, times)
  return dataPoints.length > 0
    ? [{ ...metric, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic } }]
    : []
}

/** Since the start. */
export function histogram(metric: Named, { bounds, counts, sum }: Buckets, times: Times): object {
  const count = counts.reduce((total, each) => total + each, 0)
  const point = {
    ...clock(times),
    count: String(count),
    sum,
    bucketCounts: counts.map(String),
    explicitBounds: bounds,
  }
  return { ...metric, histogram: { dataPoints: [point], aggregationTemporality: CUMULATIVE } }
}

export function attributeList(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) => (value === null ? [] : [{ key, value: anyValue(value) }]))
}

export function anyValue(value: string | number): object {
  if (typeof value === 'string') return { stringValue: plainText(value, TEXT_CHARACTERS) }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

/** As `timeUnixNano`. */
export function nanos(ms: Milliseconds): string {
  return String(BigInt(Math.round(ms)) * 1_000_000n)
}

function numbers(points: readonly Point[], times: Times): object[] {
  return points.flatMap(({ value, attributes = {} }) =>
    typeof value === 'number' && Number.isFinite(value)
      ? [{ ...clock(times), asDouble: value, attributes: attributeList(attributes) }]
      : [],
  )
}

function clock({ startedAt, at }: Times): object {
  return { startTimeUnixNano: nanos(startedAt), timeUnixNano: nanos(at) }
}
