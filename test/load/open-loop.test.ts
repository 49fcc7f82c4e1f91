import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { quantile } from '../../src/analysis/histogram.ts'
import { OpenLoop } from '../../src/load/open-loop.ts'
import { type MeasuringServer, measuringServer } from './measuring-server.ts'

let server: MeasuringServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

interface Way {
  rate?: number
  connections?: number
  ms?: number
  timeoutMs?: number
  reconnect?: boolean
}

/** Loads the server for a moment; what the client counted. */
async function load(answer: RequestListener, way: Way = {}) {
  server = await measuringServer(answer)
  return loadUrl(server.url, way)
}

async function loadUrl(
  url: string,
  { rate = 200, connections = 50, ms = 1000, timeoutMs = 5000, reconnect = false }: Way,
) {
  const loop = new OpenLoop({ url, connections, paths: ['/a', '/b?q=x%20y'], timeoutMs, rate, reconnect })
  await sleep(ms)
  await loop.drain(1000)
  return loop.take()
}

test('keeps the rate, path after path', async () => {
  const counts = await load((_request, response) => response.end('x'))
  expect(counts.requests).toBe(server?.times.length)
  expect(counts.requests).toBeGreaterThan(200 * 0.8 * 0.9)
  expect(counts.requests).toBeLessThanOrEqual(200)
  expect(counts).toMatchObject({ non2xx: 0, errors: 0, timeouts: 0, queued: 0 })
  // Each on a connection of its own, so that two may change places.
  const paths = server?.paths ?? []
  expect([...new Set(paths)].toSorted()).toEqual(['/a', '/b?q=x%20y'])
  expect(Math.abs(paths.filter((path) => path === '/a').length - counts.requests / 2)).toBeLessThanOrEqual(1)
  const paced = (counts.pacing ?? []).reduce((sum, [, n]) => sum + n, 0)
  expect(paced).toBe(counts.requests)
})

// Again where it fails: a burst of other work on the machine makes the client late.
test('sends each request within a fraction of a millisecond of its time', { retry: 2 }, async () => {
  const { pacing = [] } = await load((_request, response) => response.end(), { ms: 1500 })
  expect(quantile(pacing, 0.5)).toBeLessThan(0.5)
})

test('does not wait for answers: latency is the service time, however many are in flight', async () => {
  const counts = await load((_request, response) => setTimeout(() => response.end(), 200))
  expect(counts.requests).toBeGreaterThan(150)
  expect(counts.sumMs / counts.requests).toBeLessThan(230)
})

describe('a service that is too slow', () => {
  test('latency counts from when a request was due, also while it waits for a connection', async () => {
    // Two connections do 40 requests a second; 100 come.
    const counts = await load((_request, response) => setTimeout(() => response.end(), 50), {
      rate: 100,
      connections: 2,
    })
    expect(quantile(counts.latency, 0.9)).toBeGreaterThan(300)
  })

  test('what is not answered in time is counted as timed out, sent or not', async () => {
    const counts = await load(() => {}, { rate: 100, connections: 5, timeoutMs: 300 })
    expect(counts).toMatchObject({ requests: 0, errors: 0 })
    expect(counts.timeouts).toBeGreaterThan(40)
  })

  test('a stop of the whole service shows in p99, though few requests were sent meanwhile', { retry: 1 }, async () => {
    const script = `require('node:http').createServer((q, r) => r.end('x')).listen(0, '127.0.0.1', function () {
      console.log(this.address().port)
    })`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [port] = (await once(child.stdout, 'data')) as [Buffer]
    const url = `http://127.0.0.1:${String(port).trim()}/`
    const stopped = (async () => {
      await sleep(1500)
      child.kill('SIGSTOP')
      await sleep(600)
      child.kill('SIGCONT')
    })()
    const { latency, requests } = await loadUrl(url, { rate: 300, connections: 20, ms: 4000 })
    await stopped
    expect(requests).toBeGreaterThan(1000)
    expect(quantile(latency, 0.99)).toBeGreaterThan(450)
    expect(quantile(latency, 0.5)).toBeLessThan(50)
    // Those that were due in the stop, each as late as it was: about half of them by more than half of it.
    const late = latency.filter(([ms]) => ms > 300).reduce((sum, [, n]) => sum + n, 0)
    expect(late).toBeGreaterThan(60)
  })
})

describe('a service that fails', () => {
  test('statuses, resets and answers cut short are kept apart', async () => {
    let n = 0
    const counts = await load((request, response) => {
      n++
      if (n % 4 === 1) return void response.writeHead(503).end()
      if (n % 4 === 2) return void request.socket.resetAndDestroy()
      if (n % 4 === 3) return void response.writeHead(200, { 'content-length': 9 }).write('x', () => response.destroy())
      return void response.end('whole')
    })
    expect(counts.timeouts).toBe(0)
    expect(counts.non2xx / counts.requests).toBeCloseTo(0.5, 1)
    expect(counts.errors / (counts.errors + counts.requests)).toBeCloseTo(0.5, 1)
  })

  test('one that is not there: an error each', async () => {
    const gone = await measuringServer(() => {})
    await gone.close()
    const counts = await loadUrl(gone.url, { ms: 600 })
    expect(counts.requests).toBe(0)
    expect(counts.errors).toBeGreaterThan(80)
  })
})

test('reconnects for each request, where asked to', async () => {
  const sockets = new Set()
  const answer: RequestListener = (request, response) => {
    sockets.add(request.socket)
    response.end()
  }
  const counts = await load(answer, { reconnect: true })
  expect(sockets.size).toBe(counts.requests)
  expect(counts.errors).toBe(0)
})
