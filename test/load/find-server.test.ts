import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { findServer } from '../../src/load/find-server.ts'
import { measuringServer } from './measuring-server.ts'

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function http(status: number, delayMs = 0): Promise<number> {
  const server = await measuringServer((_request, response) => {
    setTimeout(() => response.writeHead(status).end(), delayMs)
  })
  closers.push(() => server.close())
  return Number(new URL(server.url).port)
}

/** A store with a protocol of its own: it takes what comes, and never answers. */
async function silent(): Promise<number> {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** This process, and all that it listens on. */
const find = (expected?: number, timeoutMs = 9000) =>
  findServer((port) => `http://127.0.0.1:${port}/search`, {
    pids: () => [process.pid],
    timeoutMs,
    ...(expected !== undefined && { expected }),
  })

const onLinux = test.skipIf(process.platform !== 'linux')

onLinux('what listens earlier and does not answer keeps nobody waiting', async () => {
  await silent()
  const later = setTimeout(() => void http(200).then((port) => (server = port)), 500)
  let server = 0
  const found = await find()
  clearTimeout(later)
  expect(server).toBeGreaterThan(0)
  expect(found).toBe(server)
})

onLinux('a page that is not found elsewhere is no answer beside one, though a slow one', async () => {
  await http(404)
  const server = await http(200, 700)
  expect(await find()).toBe(server)
})

onLinux('of several that answer, the one that the target was told', async () => {
  await http(200)
  const told = await http(500, 400)
  expect(await find(told)).toBe(told)
})

onLinux(
  'one that it was told, and that is not there, is waited for so long only',
  async () => {
    const server = await http(200)
    expect(await find(1, 12_000)).toBe(server)
  },
  15_000,
)

onLinux(
  'one that it was told, which listens and is slow to answer, before another that answers',
  async () => {
    await http(200)
    const told = await http(200, 3500)
    expect(await find(told)).toBe(told)
  },
  15_000,
)

onLinux('the first that listens, though the next answers sooner', async () => {
  const first = await http(200, 600)
  await http(200)
  expect(await find()).toBe(first)
})

onLinux(
  'a server of which only errors come is one, too',
  async () => {
    await silent()
    const server = await http(503)
    const began = performance.now()
    expect(await find()).toBe(server)
    expect(performance.now() - began).toBeGreaterThan(2900)
  },
  15_000,
)

onLinux('nobody who answers: undefined when the time is over', async () => {
  await silent()
  expect(await find(undefined, 600)).toBeUndefined()
})
