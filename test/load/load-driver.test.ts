import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { LoadDriver } from '../../src/load/load-driver.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { type MeasuringServer, measuringServer } from './measuring-server.ts'

let server: MeasuringServer

afterEach(() => server.close())

function startDriver() {
  const records: RecordOf<'load'>[] = []
  const driver = new LoadDriver()
  const add = (record: AnyRecord) => record.k === 'load' && records.push(record)
  const began = performance.now()
  driver.start({
    sink: { add, string: () => 0, stack: () => 0 },
    now: () => performance.now() - began,
    processes: () => [],
  })
  return { driver, records }
}

function moments(n: number, sum: number, sumSq: number) {
  const mean = sum / n
  return { n, mean, stddev: Math.sqrt(sumSq / n - mean ** 2) }
}

const total = (records: RecordOf<'load'>[], of: (record: RecordOf<'load'>) => number) =>
  records.reduce((sum, record) => sum + of(record), 0)

// Again where it fails: a burst of other work on the machine makes a client wait for what no server sees.
test('agrees with what the server measured of itself', { retry: 2 }, async () => {
  // Long beside the client's own part of a response time.
  server = await measuringServer((_request, response) => {
    setTimeout(() => response.end('x'.repeat(2000)), 30 + Math.random() * 200)
  })
  const { driver, records } = startDriver()
  await driver.drive({ url: server.url, connections: 32, paths: ['/a', '/b'] })
  await sleep(3000)
  await driver.stop()

  const client = moments(
    total(records, ({ requests }) => requests),
    total(records, ({ sumMs }) => sumMs),
    total(records, ({ sumSqMs }) => sumSqMs),
  )
  const { times } = server
  const itself = moments(
    times.length,
    times.reduce((sum, ms) => sum + ms, 0),
    times.reduce((sum, ms) => sum + ms ** 2, 0),
  )
  expect(itself.n).toBeGreaterThan(400)
  expect(client.n / itself.n).toBeCloseTo(1, 2)
  expect(Math.abs(client.mean / itself.mean - 1)).toBeLessThan(0.05)
  expect(Math.abs(client.stddev / itself.stddev - 1)).toBeLessThan(0.05)

  expect(records.length).toBeGreaterThanOrEqual(8)
  expect(records.map(({ t }) => t)).toEqual(records.map(({ t }) => t).sort((a, b) => a - b))
  expect(records.slice(0, -1).map(({ inFlight }) => inFlight)).toEqual(records.slice(1).map(() => 32))
  expect(records.at(-1)?.inFlight).toBe(0)
  expect(driver.cost().cpuSeconds).toBeGreaterThan(0)
  expect(await driver.ended()).toEqual({ complete: true })
})

test('ends by itself after its duration; stop after that is harmless', async () => {
  server = await measuringServer((_request, response) => response.end())
  const { driver, records } = startDriver()
  await driver.drive({ url: server.url, connections: 2, durationMs: 400 })
  expect(await driver.ended()).toEqual({ complete: true })
  await driver.stop()
  expect(total(records, ({ requests }) => requests)).toBe(server.times.length)
  expect(total(records, ({ ms }) => ms)).toBeGreaterThan(395)
})

test('a target that dies under load is counted errors', async () => {
  server = await measuringServer((_request, response) => setTimeout(() => response.end(), 5))
  const { driver, records } = startDriver()
  await driver.drive({ url: server.url, connections: 4 })
  await sleep(1200)
  await server.close()
  await sleep(600)
  await driver.stop()
  expect(total(records, ({ requests }) => requests)).toBe(server.times.length)
  expect(total(records, ({ errors }) => errors)).toBeGreaterThan(4)
  expect(await driver.ended()).toEqual({ complete: true })
})

test('stopped while it starts, or before, it makes no requests', async () => {
  server = await measuringServer((_request, response) => response.end())
  const { driver } = startDriver()
  const driving = driver.drive({ url: server.url, connections: 2 })
  await driver.stop()
  await driving
  await driver.drive({ url: server.url, connections: 2 })
  expect(await driver.ended()).toEqual({ complete: false })
  expect(server.paths).toEqual([])
})

test('without a load, stop has nothing to do', async () => {
  server = await measuringServer(() => {})
  const { driver, records } = startDriver()
  await driver.stop()
  expect(records).toEqual([])
})

test.each(['nonsense', 'ftp://localhost/', ''])('"%s" is no URL to load', async (url) => {
  server = await measuringServer(() => {})
  await expect(startDriver().driver.drive({ url, connections: 1 })).rejects.toMatchObject({ code: 'load-failed' })
})
