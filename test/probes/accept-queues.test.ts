import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AcceptQueues } from '../../src/probes/proc/accept-queues.ts'
import { parseListener, readListeners, tcpTables } from '../../src/probes/proc/tcp-table.ts'
import { listeningSockets } from '../../src/targets/listening-sockets.ts'
import { collect, startScript } from '../support/process.ts'

const MINUTE = 60_000

describe('/proc/net/tcp', () => {
  it.each([
    [
      'a socket that listens',
      '   4: 0100007F:E879 00000000:0000 0A 00000000:00000005 00:00000000 00000000     0        0 18742 6 00000000e5941647 100 0 0 10 0   ',
      { inode: '18742', port: 0xe879, uid: 0, waiting: 5 },
    ],
    [
      'over IPv6',
      '   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 99 1 00000000aa 100 0 0 10 0',
      { inode: '99', port: 8080, uid: 1000, waiting: 0 },
    ],
    [
      'a connection',
      '   5: 0100007F:9091 0100007F:E530 01 00000000:00000000 00:00000000 00000000     0        0 17076 1 00000000e385456c 20 4 27 18 -1',
      null,
    ],
  ])('%s', (_, line, expected) => {
    expect(parseListener(line)).toEqual(expected)
  })

  it('has all that listen before all connections', async () => {
    const servers = await Promise.all(Array.from({ length: 60 }, () => listen()))
    const shown = new Set(readListeners('/proc/self/net/tcp').map(({ port }) => port))
    expect(servers.filter((port) => !shown.has(port))).toEqual([])
  })

  it.each([
    { address: '127.0.0.1', table: 'tcp' },
    { address: '::1', table: 'tcp6' },
  ])('is read where a socket is: $address', async ({ address, table }) => {
    const port = await listen(address)
    expect(tcpTables('self')).toContain(`/proc/self/net/${table}`)
    expect([...listeningSockets('self').values()]).toContainEqual({ port, uid: process.getuid?.() })
  })

  it.skipIf(process.getuid?.() !== 0)('is not read where there are none (needs root)', async () => {
    const alone = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 60'])
    onTestFinished(() => void alone.kill('SIGKILL'))
    await once(alone.stdout, 'data')
    expect(tcpTables(alone.pid ?? 0)).toEqual([])
  })

  it('of a process that is gone is empty', () => {
    expect(readListeners('/proc/0/net/tcp')).toEqual([])
  })
})

describe('AcceptQueues', () => {
  it('counts what a server does not accept, and nothing of one that does', async () => {
    const server = await startScript(`
      import { createServer } from 'node:net'
      const server = createServer().listen(0, '127.0.0.1', () => {
        console.log('ready ' + server.address().port)
        process.stdin.once('data', () => { const end = Date.now() + 3000; while (Date.now() < end); })
      })`)
    const port = Number(server.said().split(' ')[1])
    const collected = collect(() => [])
    const queues = new AcceptQueues(collected.context.sink)
    const look = (t: number) => queues.look(t, [server.pid])
    await client(port)
    // Far apart, for how long a look takes decides when the next one is due.
    for (const minute of [0, 1, 2]) look(minute * MINUTE)
    expect(collected.of('listener')).toMatchObject([{ pid: server.pid, port }])
    expect(collected.of('accept-queue')).toEqual([])

    server.stdin?.write('block\n')
    await sleep(300)
    await Promise.all([client(port), client(port), client(port)])
    for (const minute of [3, 4, 5]) look(minute * MINUTE)
    queues.record(6 * MINUTE)
    const records = collected.of('accept-queue')
    expect(records.map(({ peak }) => peak)).toEqual(records.map(() => 3))
    expect(records.reduce((sum, { someMs }) => sum + someMs, 0)).toBe(3 * MINUTE)
    expect(records.reduce((sum, { waitingMs }) => sum + waitingMs, 0)).toBe(9 * MINUTE)
    expect(collected.of('listener')).toHaveLength(1)
  })
})

async function listen(address = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, address)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function client(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}
