/** OTLP's messages as JSON, as far as holdup sends them, and nothing else: names that its .proto files do not have are errors. */
import * as v from 'valibot'

const uint64 = v.pipe(v.string(), v.regex(/^\d{1,20}$/))
const double = v.pipe(v.number(), v.finite())
const anyValue = v.union([
  v.strictObject({ stringValue: v.string() }),
  v.strictObject({ intValue: v.pipe(v.string(), v.regex(/^-?\d{1,19}$/)) }),
  v.strictObject({ doubleValue: double }),
])
const attributes = v.array(v.strictObject({ key: v.pipe(v.string(), v.minLength(1)), value: anyValue }))
const resource = v.strictObject({ attributes })
const scope = v.strictObject({ name: v.string(), version: v.string() })
const times = { startTimeUnixNano: uint64, timeUnixNano: uint64 }
const number = v.strictObject({ ...times, asDouble: double, attributes })
const buckets = v.pipe(
  v.strictObject({
    ...times,
    count: uint64,
    sum: double,
    bucketCounts: v.array(uint64),
    explicitBounds: v.array(double),
  }),
  v.check(({ bucketCounts, explicitBounds }) => bucketCounts.length === explicitBounds.length + 1),
  v.check(({ bucketCounts, count }) => bucketCounts.reduce((sum, each) => sum + Number(each), 0) === Number(count)),
  v.check(({ explicitBounds }) => explicitBounds.every((bound, i) => i === 0 || bound > (explicitBounds[i - 1] ?? 0))),
)
const named = { name: v.string(), unit: v.string(), description: v.string() }
/** Of AggregationTemporality. */
const aggregationTemporality = v.picklist([1, 2])
const metric = v.union([
  v.strictObject({ ...named, gauge: v.strictObject({ dataPoints: v.array(number) }) }),
  v.strictObject({
    ...named,
    sum: v.strictObject({ dataPoints: v.array(number), aggregationTemporality, isMonotonic: v.boolean() }),
  }),
  v.strictObject({ ...named, histogram: v.strictObject({ dataPoints: v.array(buckets), aggregationTemporality }) }),
])

/** ExportMetricsServiceRequest. */
const metricsRequest = v.strictObject({
  resourceMetrics: v.array(
    v.strictObject({ resource, scopeMetrics: v.array(v.strictObject({ scope, metrics: v.array(metric) })) }),
  ),
})

const logRecord = v.strictObject({
  timeUnixNano: uint64,
  observedTimeUnixNano: uint64,
  severityNumber: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(24)),
  severityText: v.string(),
  eventName: v.string(),
  body: anyValue,
  attributes,
})

/** ExportLogsServiceRequest. */
const logsRequest = v.strictObject({
  resourceLogs: v.array(
    v.strictObject({ resource, scopeLogs: v.array(v.strictObject({ scope, logRecords: v.array(logRecord) })) }),
  ),
})

type Metric = v.InferOutput<typeof metric>

/** The metrics of a request by their names. Throws what is not of the format. */
export function metricsOf(message: unknown): Map<string, Metric> {
  const { resourceMetrics } = v.parse(metricsRequest, message)
  const all = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
  return new Map(all.map((each) => [each.name, each]))
}

/** The values of a metric's points, of a histogram their counts. */
export function valuesOf(metric: Metric | undefined): number[] {
  if (!metric) return []
  if ('histogram' in metric) return metric.histogram.dataPoints.map(({ count }) => Number(count))
  return ('gauge' in metric ? metric.gauge : metric.sum).dataPoints.map(({ asDouble }) => asDouble)
}

/** The log records of a request. Throws what is not of the format. */
export function logsOf(message: unknown): v.InferOutput<typeof logRecord>[] {
  const { resourceLogs } = v.parse(logsRequest, message)
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
}
