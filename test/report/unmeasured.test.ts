import { expect, test } from 'vitest'
import { notChecked } from '../../src/report/quality.ts'
import { base } from '../support/report.ts'

test.each([
  ['go', 'lockWait', /Go parks goroutines itself: see its \/debug\/pprof\/mutex/],
  ['jvm', 'lockWait', /the JVM parks threads itself/],
  ['native', 'eventLoop', /^not measured: eventLoop, of Node alone$/],
  ['native', 'gc', /^not measured: gc, of Node and the JVM$/],
  ['node', 'eventLoop', /^not measured: eventLoop$/],
])('of %s without %s it says why', (runtime, signal, expected) => {
  const result = { id: 'x', title: 'x', status: 'not-applicable' as const, missing: [signal], findings: [] }
  const report = { ...base, target: { ...base.target, runtime }, results: [result] }
  expect(notChecked(report)).toMatchObject([{ id: 'x', reason: expect.stringMatching(expected) }])
})
