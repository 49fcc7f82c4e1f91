/** A service that waits for another one says for whom; one that computes does not. */
import { expect, it } from 'vitest'
import { faultsIn, foundIn, recordFixture } from '../support/fixture.ts'

it('slow-upstream names its store, and blames nothing', { timeout: 60_000, retry: 1 }, async () => {
  const { report } = await recordFixture('slow-upstream', { env: { STORE_TAKES_MS: '1000' } })
  const finding = report.results.find(({ id }) => id === 'slow-upstream')?.findings[0]
  expect(finding?.summary, report.summary).toMatch(/connections? to 127\.0\.0\.1:\d+/)
  expect(finding?.severity).toBe('info')
  expect(faultsIn(report)).toEqual([])
})

it.each(['short-turns', 'closed-connections'])(
  '%s does not wait for anybody',
  { timeout: 60_000, retry: 1 },
  async (name) => {
    const { report } = await recordFixture(name)
    expect(foundIn(report), report.summary).not.toContain('slow-upstream')
  },
)
