import { expect, test } from 'vitest'
import { analyse } from '../../src/analysis/analyse.ts'
import { locksAreHidden } from '../../src/analysis/hidden-locks.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { recorded, sourceOf } from '../support/recorded.ts'

/** A process that uses so much CPU over the window of 10 s. */
const process = (pid: number, runtime: string, cpuMs: number): AnyRecord[] => [
  { k: 'process', t: 0, pid, ppid: 1, command: runtime, runtime },
  { k: 'proc', t: 0, pid, cpuMs: 0, rss: 1e6, threads: 4 },
  { k: 'proc', t: 10_000, pid, cpuMs, rss: 1e6, threads: 4 },
]

const told: AnyRecord = { k: 'runtime', t: 0, pid: 20, of: 'jvm', thresholdMs: 1 }

test.each([
  ['a Go program', process(20, 'go', 5000), true],
  ['a JVM behind a shell', [...process(20, 'native', 10), ...process(21, 'jvm', 5000)], true],
  ['a Node server with a Go helper', [...process(20, 'node', 5000), ...process(21, 'go', 100)], false],
  ['a JVM that tells of its locks', [...process(20, 'jvm', 5000), told], false],
  ['a native program', process(20, 'native', 5000), false],
  ['nothing known', [], false],
])('%s', (_, records, hidden) => {
  expect(locksAreHidden(sourceOf(records))).toBe(hidden)
})

test('a wait that could not be seen is no wait of 0 s', () => {
  const native: AnyRecord = { k: 'native', t: 0, pid: 20, libc: 'glibc' }
  expect(analyse(recorded([...process(20, 'jvm', 5000), native])).signals.lockWait).toBeNull()
  expect(analyse(recorded([...process(20, 'native', 5000), native])).signals.lockWait).not.toBeNull()
})
