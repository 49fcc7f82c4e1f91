/** The scalability of fixtures, as the built CLI finds it: what limits each. `HOLDUP_REPEAT=5` for a closer look. */
import { describe, expect, it } from 'vitest'
import { faultsIn, scaleFixture } from '../support/fixture.ts'

const repeats = Number(process.env['HOLDUP_REPEAT'] ?? 1)
const retry = repeats > 1 ? 0 : 1
const runs = Array.from({ length: repeats }, (_, i) => ({ run: i + 1 }))
const at = { timeout: 150_000, retry }
const short = ['--step', '2s', '--warmup', '3s', '--max', '64']

async function scaleOf(name: string, args: readonly string[] = short) {
  const { report } = await scaleFixture(name, { args })
  const { scale } = report
  if (!scale) throw new Error(`no scale of ${name}: ${report.summary}`)
  return { report, scale, faults: faultsIn(report) }
}

describe.each(runs)('run $run', () => {
  it('one mutex for all: the lock is named as the limit, with cores idle', at, async () => {
    const { scale, faults } = await scaleOf('mutex-pool')
    expect(scale.limit.kind, scale.limit.summary).toBe('lock')
    expect(faults).toContain('global-mutex')
  })

  it('a thread for each query: crosstalk, or the peak within the range', at, async () => {
    const { scale } = await scaleOf('thread-per-query')
    const kappa = scale.fit?.intervals.kappa[0] ?? 0
    const last = scale.points.at(-1)?.n ?? 0
    expect(kappa > 0 || (scale.fit?.peak ?? Infinity) <= last, JSON.stringify(scale.fit)).toBe(true)
    expect(scale.limit.kind, scale.limit.summary).not.toBe('lock')
  })

  it('an asynchronous service: the cores or nothing', at, async () => {
    const { scale, faults } = await scaleOf('async')
    expect(['cores', 'nothing'], scale.limit.summary).toContain(scale.limit.kind)
    expect(faults).toEqual([])
  })

  it('a lock made of promises, with cores idle', at, async () => {
    const { faults } = await scaleOf('promise-lock')
    expect(faults).toContain('async-mutex-serialisation')
  })

  it('an upstream that takes its time is no fault', at, async () => {
    const { report, scale, faults } = await scaleOf('slow-upstream')
    expect(faults, report.summary).toEqual([])
    expect(scale.limit.kind, scale.limit.summary).not.toBe('lock')
  })
})
