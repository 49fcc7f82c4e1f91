import { describe, expect, test } from 'vitest'
import { renderPrometheus } from '../../src/report/prometheus.ts'
import { asyncDesign, hostile, mutexPool } from '../support/article-reports.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'

/** A line of the text format: a comment, or a sample. */
const LINE =
  /^(# (HELP|TYPE) holdup_[a-z_]+ .+|holdup_[a-z_]+(\{[a-z_]+="(\\[\\"n]|[^"\\])*"(,[a-z_]+="(\\[\\"n]|[^"\\])*")*\})? [-+]?[\d.]+(e[-+]?\d+)?)$/

const valueOf = (text: string, sample: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${sample} `))
      ?.slice(sample.length + 1),
  )

test('every line is of the format, each metric is told of once, before its samples', () => {
  const text = renderPrometheus(mutexPool)
  expect(text.endsWith('\n')).toBe(true)
  const lines = text.trimEnd().split('\n')
  for (const line of lines) expect(line).toMatch(LINE)
  const told = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2])
  expect(new Set(told).size).toBe(told.length)
})

test("values are the report's, times in seconds", () => {
  const text = renderPrometheus(mutexPool)
  const { cpu, http, lockWait } = mutexPool.signals
  expect(valueOf(text, 'holdup_cpu_cores')).toBe(cpu?.cores)
  expect(valueOf(text, 'holdup_lock_wait_threads')).toBe(lockWait?.threadSecondsPerSecond)
  expect(valueOf(text, 'holdup_http_latency_seconds{quantile="0.99"}')).toBe((http?.latencyMs.p99 ?? 0) / 1000)
})

test('findings at warning or over, and none of a healthy service', () => {
  expect(renderPrometheus(mutexPool)).toContain('holdup_finding{id="global-mutex",severity="critical"} 1\n')
  expect(renderPrometheus(asyncDesign)).not.toContain('holdup_finding')
})

describe('hostile names', () => {
  test.each(HOSTILE_NAMES)('%s', (_, name) => {
    for (const line of renderPrometheus(hostile(name)).trimEnd().split('\n')) expect(line).toMatch(LINE)
  })
})
