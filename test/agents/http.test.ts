import { expect, it } from 'vitest'
import { runWithAgent } from '../support/agent.ts'

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

it('counts requests: finished, refused, aborted, in flight, and their latency', async () => {
  const run = await runWithAgent(`
    const http = require('node:http')
    const server = http.createServer((request, response) => {
      if (request.url === '/hang') return
      response.statusCode = request.url === '/missing' ? 404 : 200
      setTimeout(() => response.end('ok'), 30)
    })
    server.listen(0, '127.0.0.1', async () => {
      const { port } = server.address()
      const get = (path) => fetch('http://127.0.0.1:' + port + path, { signal: AbortSignal.timeout(300) }).then((r) => r.text(), () => {})
      await Promise.all([get('/a'), get('/b'), get('/c'), get('/missing'), get('/hang')])
      setTimeout(() => { server.close(); server.closeAllConnections() }, 1300)
    })
  `)
  const http = run.of('http')
  expect(sum(http.map(({ started }) => started))).toBe(5)
  expect(sum(http.map(({ finished }) => finished))).toBe(4)
  expect(sum(http.map(({ non2xx }) => non2xx))).toBe(1)
  expect(sum(http.map(({ aborted }) => aborted))).toBe(1)
  expect(Math.max(...http.map(({ inFlightPeak }) => inFlightPeak))).toBe(5)
  expect(sum(http.map(({ sumMs }) => sumMs)) / 4).toBeGreaterThan(29)
})

it('counts the connections of HTTP servers, and of no others', async () => {
  const run = await runWithAgent(`
    const http = require('node:http')
    const net = require('node:net')
    const port = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
    const ask = (port, agent) => new Promise((resolve) => http.get({ port, host: '127.0.0.1', agent }, (response) => response.resume().on('end', resolve)))
    const ended = (port) => new Promise((resolve) => net.connect(port, '127.0.0.1').on('close', resolve).resume())
    const main = async () => {
      const web = http.createServer((request, response) => response.end('ok'))
      const other = net.createServer((socket) => socket.end('bye'))
      const [webPort, otherPort] = [await port(web), await port(other)]
      const kept = new http.Agent({ keepAlive: true, maxSockets: 1 })
      for (let i = 0; i < 20; i++) await ask(webPort, kept)
      for (let i = 0; i < 5; i++) await ask(webPort, new http.Agent({ keepAlive: false }))
      for (let i = 0; i < 7; i++) await ended(otherPort)
      kept.destroy()
      setTimeout(() => { web.close(); other.close() }, 1300)
    }
    main()
  `)
  const http = run.of('http')
  expect(sum(http.map(({ started }) => started))).toBe(25)
  expect(sum(http.map(({ connections = 0 }) => connections))).toBe(6)
})

it('keeps nothing alive: a program that is done ends', async () => {
  const began = performance.now()
  const run = await runWithAgent("console.log('done')", { cpuProfileMs: 5 })
  expect(run).toMatchObject({ code: 0, stdout: 'done\n' })
  expect(performance.now() - began).toBeLessThan(5000)
})
