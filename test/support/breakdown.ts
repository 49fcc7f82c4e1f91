import { groupBy } from '../../src/analysis/group-by.ts'
import { indexRecords } from '../../src/analysis/index-records.ts'
import { countedLifetime, sampledLifetime } from '../../src/analysis/thread-lifetime.ts'
import type { FixtureRun } from './fixture.ts'

/** Where so many threads came and went, their number at a sweep says little of how many there were between two. */
const CHURN = 200

/**
 * What the rows of the thread-time breakdown come to, and the lifetime of all threads: of a process with much coming and going as the
 * native agent counted it, else their number over time. In seconds.
 */
export function breakdownOf({ report, recording }: FixtureRun): { rows: number; lifetime: number; unknown: number } {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const [from, to] = report.recording.window
  const source = indexRecords(recording, [from * 1000, to * 1000])
  const lifetimes = [...groupBy(source.of('proc'), ({ pid }) => pid).keys()].map((pid) => {
    const ended = sum(source.within('native-spawn').flatMap((record) => (record.pid === pid ? [record.exited] : [])))
    return (ended > CHURN ? countedLifetime(source, pid) : null) ?? sampledLifetime(source, pid)
  })
  return {
    rows: sum(report.threadTime.flatMap(({ seconds }) => Object.values(seconds))),
    lifetime: sum(lifetimes) / 1000,
    unknown: sum(report.threadTime.map(({ seconds }) => seconds.unknown)),
  }
}
