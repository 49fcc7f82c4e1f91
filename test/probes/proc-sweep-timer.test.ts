import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { PERIOD_MS, SweepTimer } from '../../src/probes/proc/sweep-timer.ts'

function burn(ms: number): void {
  const before = process.cpuUsage()
  const spent = () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  while (spent() < ms);
}

function started(sweep: () => void): SweepTimer {
  const timer = new SweepTimer(sweep)
  onTestFinished(() => timer.stop())
  timer.start()
  return timer
}

it('sweeps about ten times a second, at once first', async () => {
  let sweeps = 0
  const timer = started(() => sweeps++)
  expect(sweeps).toBe(1)
  await sleep(2050)
  expect(sweeps).toBeGreaterThan(14)
  expect(sweeps).toBeLessThan(24)
  expect(timer.periodMs).toBe(PERIOD_MS)
  timer.stop()
  const last = sweeps
  await sleep(300)
  expect(sweeps).toBe(last)
})

it('makes the period longer where a sweep takes over an eighth of it', async () => {
  let sweepMs = 60
  const timer = started(() => burn(sweepMs))
  await sleep(2500)
  expect(timer.periodMs).toBeGreaterThan(200)
  expect(timer.periodMs).toBeLessThan(900)
  expect(timer.cpuSeconds).toBeGreaterThan(0.4)
  sweepMs = 0
  await sleep(4000)
  expect(timer.periodMs).toBe(PERIOD_MS)
})

it('counts the ticks that came late and does not make up for them', async () => {
  let sweeps = 0
  const timer = started(() => sweeps++)
  await sleep(350)
  timer.takePunctuality()
  const before = sweeps
  burn(450)
  await sleep(20)
  expect(sweeps - before).toBeLessThanOrEqual(2)
  const { ticks, late, maxLateMs } = timer.takePunctuality()
  expect(ticks).toBe(sweeps - before)
  expect(late).toBeGreaterThanOrEqual(1)
  expect(maxLateMs).toBeGreaterThan(200)
  expect(timer.takePunctuality()).toEqual({ ticks: 0, late: 0, maxLateMs: 0 })
})
