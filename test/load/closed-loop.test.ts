import { createServer as createTcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { ClosedLoop } from '../../src/load/closed-loop.ts'
import type { RequestListener } from 'node:http'
import { type MeasuringServer, measuringServer } from './measuring-server.ts'

let server: MeasuringServer

afterEach(() => server.close())

/** Loads the server for a moment; what the client counted. */
async function load(
  answer: RequestListener,
  { connections = 4, ms = 300, timeoutMs = 5000, paths = ['/'], reconnect = false } = {},
) {
  server = await measuringServer(answer)
  const loop = new ClosedLoop({ url: server.url, connections, paths, timeoutMs, reconnect })
  await sleep(ms)
  await loop.drain(1000)
  return loop.take()
}

describe('a server that behaves', () => {
  test('asks for the paths in their order, over all connections together', async () => {
    await load((_request, response) => setTimeout(() => response.end(), 5), {
      paths: ['/a', '/b?q=x y', '/c'],
      connections: 2,
    })
    expect(server.paths.slice(0, 7)).toEqual(['/a', '/b?q=x%20y', '/c', '/a', '/b?q=x%20y', '/c', '/a'])
  })

  test('counts each response once, its time in the histogram', async () => {
    const counts = await load((_request, response) => setTimeout(() => response.end('x'), 3))
    expect(counts.requests).toBe(server.times.length)
    expect(counts).toMatchObject({ non2xx: 0, errors: 0, timeouts: 0 })
    expect(counts.latency.reduce((sum, [, n]) => sum + n, 0)).toBe(counts.requests)
    const fromHistogram = counts.latency.reduce((sum, [ms, n]) => sum + ms * n, 0)
    expect(fromHistogram / counts.sumMs).toBeCloseTo(1, 2)
  })

  test('tells times under a millisecond apart', async () => {
    const { latency } = await load((_request, response) => response.end(), { connections: 1 })
    expect(latency.filter(([ms]) => ms < 1).length).toBeGreaterThan(10)
  })

  test('counts statuses other than 2xx and 3xx, and knows that 204 and 304 have no body', async () => {
    let n = 0
    const counts = await load((_request, response) => response.writeHead([200, 204, 304, 503][n++ % 4] ?? 200).end())
    expect(counts.requests).toBe(server.times.length)
    expect(counts.non2xx / counts.requests).toBeCloseTo(0.25, 1)
  })
})

describe('a server that ends connections', () => {
  test('after each response: no error', async () => {
    const counts = await load((_request, response) => response.writeHead(200, { connection: 'close' }).end('x'))
    expect(counts.requests).toBeGreaterThan(20)
    expect(counts).toMatchObject({ requests: server.times.length, errors: 0, timeouts: 0 })
  })

  test('as the end of a body without a length: no error', async () => {
    const counts = await load((_request, response) => {
      response.useChunkedEncodingByDefault = false
      response.removeHeader('transfer-encoding')
      response.writeHead(200, { connection: 'close' })
      response.write('some')
      response.end('thing')
    })
    expect(counts.requests).toBeGreaterThan(20)
    expect(counts).toMatchObject({ requests: server.times.length, errors: 0, timeouts: 0 })
  })

  test.each([
    ['in FIN', (socket: import('node:net').Socket) => socket.end()],
    ['in RST', (socket: import('node:net').Socket) => socket.resetAndDestroy()],
  ])('before a response, %s: an error each, and the times after it are right', async (_how, end) => {
    let n = 0
    const counts = await load((request, response) => {
      if (++n % 3 === 0) end(request.socket)
      else setTimeout(() => response.end(), 5)
    })
    expect(counts.errors).toBe(Math.floor(n / 3))
    expect(counts.requests).toBe(n - counts.errors)
    expect(counts.sumMs / counts.requests).toBeLessThan(25)
  })

  test('and cuts a response short: an error, and the next one is read from its beginning', async () => {
    let n = 0
    const counts = await load((_request, response) => {
      if (++n % 10 !== 0) return response.end('whole')
      response.writeHead(200, { 'content-length': 100 })
      return response.write('part', () => response.destroy())
    })
    expect(counts.errors).toBe(Math.floor(n / 10))
    expect(counts.requests).toBe(n - counts.errors)
  })
})

describe('a server that is not there', () => {
  test('refuses: errors at a bounded rate; requests once it listens', async () => {
    server = await measuringServer((_request, response) => response.end())
    await server.close()
    const loop = new ClosedLoop({ url: server.url, connections: 4, paths: ['/'], timeoutMs: 5000 })
    await sleep(500)
    const refused = loop.take()
    expect(refused).toMatchObject({ requests: 0, timeouts: 0 })
    expect(refused.errors).toBeGreaterThanOrEqual(4)
    expect(refused.errors).toBeLessThan(60)
    await new Promise<void>((resolve) => server.server.listen(Number(new URL(server.url).port), '127.0.0.1', resolve))
    await sleep(500)
    await loop.drain(1000)
    const after = loop.take()
    expect(after.requests).toBe(server.times.length)
    expect(after.requests).toBeGreaterThan(20)
  })

  test('never answers: timeouts, apart from errors', async () => {
    const counts = await load(() => {}, { timeoutMs: 100, ms: 350 })
    expect(counts).toMatchObject({ requests: 0, errors: 0 })
    expect(counts.timeouts).toBeGreaterThanOrEqual(8)
  })

  test('answers no HTTP: no crash', async () => {
    server = await measuringServer(() => {})
    const tcp = createTcpServer((socket) => socket.on('error', () => {}).end('what?\n'.repeat(50)))
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
    const { port } = tcp.address() as import('node:net').AddressInfo
    const loop = new ClosedLoop({ url: `http://127.0.0.1:${port}/`, connections: 2, paths: ['/'], timeoutMs: 5000 })
    await sleep(200)
    await loop.drain(100)
    tcp.close()
    const counts = loop.take()
    expect(counts.requests).toBe(0)
    expect(counts.errors).toBeGreaterThan(0)
  })
})

test('draining lets the requests in flight be answered and makes no more', async () => {
  server = await measuringServer((_request, response) => setTimeout(() => response.end(), 50))
  const loop = new ClosedLoop({ url: server.url, connections: 5, paths: ['/'], timeoutMs: 5000 })
  await sleep(120)
  const made = server.paths.length
  await loop.drain(1000)
  await sleep(60)
  expect(server.paths.length).toBe(made)
  expect(loop.take().requests).toBe(made)
  expect(loop.inFlight).toBe(0)
})

test('makes no more requests than it is told', async () => {
  server = await measuringServer((_request, response) => setTimeout(() => response.end(), 2))
  const loop = new ClosedLoop({ url: server.url, connections: 4, paths: ['/'], timeoutMs: 5000, requests: 40 })
  await loop.ended()
  expect(loop.take().requests).toBe(40)
  expect(server.times.length).toBe(40)
})

test.each([
  ['that closes it too', {}],
  ['that would keep it', { connection: 'keep-alive' }],
])('makes a connection for each request, where asked to, with a server %s', async (_, headers) => {
  const sockets = new Set()
  const counts = await load(
    (request, response) => {
      sockets.add(request.socket)
      response.writeHead(200, headers).end('x')
    },
    { reconnect: true },
  )
  expect(counts.requests).toBeGreaterThan(20)
  expect(sockets.size).toBe(counts.requests)
  expect(counts).toMatchObject({ errors: 0, timeouts: 0 })
})

test('more connections, or fewer, while it runs', async () => {
  let open = 0
  server = await measuringServer((_request, response) => setTimeout(() => response.end(), 10))
  server.server.on('connection', (socket) => {
    open++
    socket.on('close', () => open--)
  })
  const loop = new ClosedLoop({ url: server.url, connections: 2, paths: ['/'], timeoutMs: 5000 })
  await sleep(100)
  expect([open, loop.inFlight]).toEqual([2, 2])
  loop.resize(8)
  await sleep(100)
  expect([open, loop.inFlight]).toEqual([8, 8])
  loop.resize(3)
  await sleep(100)
  expect([open, loop.inFlight]).toEqual([3, 3])
  await loop.drain(1000)
  const counts = loop.take()
  expect(counts).toMatchObject({ requests: server.times.length, errors: 0, timeouts: 0 })
})
