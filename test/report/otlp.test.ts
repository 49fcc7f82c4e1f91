import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { FindingEvents } from '../../src/report/otlp/finding-events.ts'
import { otlpLogs } from '../../src/report/otlp/logs.ts'
import { otlpMetrics } from '../../src/report/otlp/metrics.ts'
import { noTotals, withWindow } from '../../src/report/otlp/totals.ts'
import { asyncDesign, hostile, mutexPool } from '../support/article-reports.ts'
import { logsOf, metricsOf, valuesOf } from '../support/otlp-schema.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'

const AT = 1_700_000_010_000
const about = { resource: { 'service.name': 'search', 'process.pid': 10, none: null }, version: '0.1.0' }
const times = { startedAt: 1_700_000_000_000, at: AT }
const http = [
  {
    latency: [
      [5, 2],
      [5.1, 1],
      [20_000, 1],
    ] as [number, number][],
    sumMs: 20_015.1,
  },
  { latency: [[80, 4]] as [number, number][], sumMs: 320 },
]
const sent = (report: Report, totals = noTotals()) => metricsOf(otlpMetrics(report, totals, { ...about, times }))

describe('metrics', () => {
  test("values are the report's, times in seconds, under the names of the conventions", () => {
    const metrics = sent(mutexPool, withWindow(noTotals(), mutexPool, http))
    const { cpu, memory, lockWait, eventLoop } = mutexPool.signals
    const seconds = mutexPool.recording.window[1] - mutexPool.recording.window[0]
    const value = (name: string) => valuesOf(metrics.get(name))[0]
    expect(value('process.cpu.time')).toBeCloseTo((cpu?.cores ?? 0) * seconds)
    expect(value('process.cpu.utilization')).toBeCloseTo((cpu?.cores ?? 0) / (cpu?.available ?? 1))
    expect(value('process.memory.usage')).toBe(memory?.rssMeanBytes)
    expect(value('holdup.lock_wait.threads')).toBe(lockWait?.threadSecondsPerSecond)
    expect(value('nodejs.eventloop.delay.p99')).toBe((eventLoop?.turnMs.p99 ?? 0) / 1000)
    expect(value('http.server.request.duration')).toBe(8)
  })

  test('what is counted goes on from window to window', () => {
    const once = withWindow(noTotals(), mutexPool, http)
    const twice = withWindow(once, mutexPool, http)
    expect(twice.cpuSeconds).toBe((once.cpuSeconds ?? 0) * 2)
    expect(twice.requests?.counts).toEqual([4, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 2])
    expect(once.requests?.counts[0], 'it was not changed').toBe(2)
    expect(twice.requests?.sum).toBeCloseTo(40.67)
  })

  test('what was not measured is not there', () => {
    const signals = Object.fromEntries(Object.keys(mutexPool.signals).map((name) => [name, null]))
    const nothing = { ...asyncDesign, locks: [], signals } as unknown as Report
    expect([...sent(nothing, withWindow(noTotals(), nothing, [])).keys()]).toEqual(['holdup.window'])
  })

  test.each(HOSTILE_NAMES)('of the format with hostile names: %s', (_, name) => {
    expect(sent(hostile(name)).size).toBeGreaterThan(10)
  })
})

describe('findings as events', () => {
  const ids = (events: ReturnType<FindingEvents['observe']>) =>
    events.map(({ happened, finding }) => `${happened} ${finding.id}`)

  test('once when they appear, once when they were missing twice', () => {
    const events = new FindingEvents()
    const seen = [asyncDesign, mutexPool, mutexPool, asyncDesign, mutexPool, asyncDesign, asyncDesign, asyncDesign]
    expect(seen.map((report) => ids(events.observe(report)))).toEqual([
      [],
      ['appeared global-mutex'],
      [],
      [],
      [],
      [],
      ['gone global-mutex'],
      [],
    ])
  })

  test('of the format, with the sentence as body', () => {
    const [record] = logsOf(otlpLogs(new FindingEvents().observe(mutexPool), { ...about, at: AT }))
    expect(record).toMatchObject({
      eventName: 'holdup.finding.appeared',
      severityText: 'critical',
      severityNumber: 17,
      timeUnixNano: `${AT}000000`,
      body: { stringValue: expect.stringContaining('One lock holds up') as string },
    })
  })
})
