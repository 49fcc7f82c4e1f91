/** Threads that rise with connections are no leak. */
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { beforeAll, expect, it as base, onTestFinished } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import type { Report } from '../../src/report/model.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
import { buildNative, hasCommand, startNative } from '../support/native-fixture.ts'

const CONNECT_EVERY_MS = 50
const PAUSE_MS = 100
const SECONDS = 8

const it = base.skipIf(!hasCommand('cargo'))
beforeAll(() => {
  if (hasCommand('cargo')) buildNative('rust', 'thread-per-connection')
}, 120_000)

it('a thread for each connection, and more and more of these', { timeout: 60_000, retry: 1 }, async () => {
  const port = await freePort()
  const service = await startNative('rust/thread-per-connection', { PORT: String(port) })
  const sockets: Socket[] = []
  const request = 'GET /search?q=tree HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const connecting = setInterval(() => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.on('data', () => setTimeout(() => socket.write(request), PAUSE_MS))
    socket.write(request)
    sockets.push(socket)
  }, CONNECT_EVERY_MS)
  onTestFinished(() => {
    clearInterval(connecting)
    for (const socket of sockets) socket.destroy()
  })
  const folder = temporaryFolder()
  const args = ['attach', String(service.pid), '--json', '-d', `${SECONDS}s`, '-o', join(folder, 'out')]
  const { stdout } = await runCli(args)
  const report = JSON.parse(stdout) as Report
  const live = report.timelines.find(({ id }) => id === 'threads')?.points.map(([, threads]) => threads) ?? []
  expect((live.at(-1) ?? 0) - (live[0] ?? 0), 'threads more at the end').toBeGreaterThan(50)
  expect(report.results.find(({ id }) => id === 'thread-leak')).toMatchObject({ status: 'clean' })
})
