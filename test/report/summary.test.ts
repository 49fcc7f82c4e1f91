import { expect, test } from 'vitest'
import { summarise } from '../../src/report/summary.ts'
import { base } from '../support/report.ts'

const { signals } = base
const found = (id: string, severity: 'critical' | 'warning' | 'info', summary = `${id} costs 3 threads.`) => ({
  id,
  severity,
  summary,
  title: `What ${id} is`,
  handle: 'F1',
})

test('says what costs most and how much more there is', () => {
  expect(summarise([found('global-mutex', 'critical')], signals)).toBe('global-mutex costs 3 threads.')
  const findings = [found('global-mutex', 'critical'), found('gc-pressure', 'warning'), found('cpu-saturated', 'info')]
  expect(summarise(findings, signals)).toBe('global-mutex costs 3 threads. 1 more finding at warning or over.')
})

test('says that nothing does, with what was served', () => {
  expect(summarise([found('cpu-saturated', 'info')], signals)).toBe(
    'Nothing at warning or over: 905 requests/s at 35 ± 13.7 ms (p99 71 ms), 1.42 of 2 cores busy. Worth knowing: What cpu-saturated is (F1).',
  )
  const { lockWait } = signals
  expect(summarise([], { http: null, cpu: null, lockWait })).toBe('Nothing at warning or over.')
})

test('does not let locks that nobody saw pass for none', () => {
  expect(summarise([], { http: null, cpu: null, lockWait: null })).toBe(
    'Nothing at warning or over. Waits for locks could not be seen.',
  )
})

test.each(['no-load', 'recording-too-short'])('gives no verdict on %s, whatever else was found', (id) => {
  const findings = [found('global-mutex', 'critical'), found(id, 'warning', 'the window is too poor')]
  expect(summarise(findings, signals)).toBe('No verdict: the window is too poor.')
})
