import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { waitForUrl } from '../../src/load/wait-for-url.ts'
import { measuringServer } from './measuring-server.ts'

test('any status is an answer', async () => {
  const server = await measuringServer((_request, response) => response.writeHead(500).end())
  expect(await waitForUrl(server.url, { timeoutMs: 2000 })).toBe('answers')
  expect(server.times.length).toBeLessThanOrEqual(1)
  await server.close()
})

test('waits for a server that comes later', async () => {
  const first = await measuringServer(() => {})
  await first.close()
  const later = createServer((_request, response) => response.end())
  setTimeout(() => later.listen(Number(new URL(first.url).port), '127.0.0.1'), 200)
  expect(await waitForUrl(first.url, { timeoutMs: 5000 })).toBe('answers')
  later.close()
})

test('ends with the target, or when the time is over', async () => {
  const silent = await measuringServer(() => {})
  expect(await waitForUrl(silent.url, { timeoutMs: 200 })).toBe('timeout')
  await silent.close()
  const began = performance.now()
  expect(await waitForUrl(silent.url, { timeoutMs: 5000, alive: () => performance.now() - began < 150 })).toBe('exited')
})
