import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AcceptQueues } from '../../src/probes/proc/accept-queues.ts'
import { parseConnection, readAddress } from '../../src/probes/proc/tcp-table.ts'
import { Upstreams } from '../../src/probes/proc/upstreams.ts'
import { collect } from '../support/process.ts'

describe('/proc/net/tcp', () => {
  it.each([
    ['IPv4', '0100007F:1538', '127.0.0.1:5432'],
    ['IPv4 over an IPv6 socket', '0000000000000000FFFF00000500000A:1538', '10.0.0.5:5432'],
    ['IPv6', 'B80D01200000000000000000010000FF:1538', '[2001:db8:0:0:0:0:ff00:1]:5432'],
  ])('an address of %s', (_, peer, expected) => {
    expect(readAddress(peer)).toBe(expected)
  })

  it.each([
    ['an open connection', '01', { inode: '17076', port: 0x9091, peer: '0100007F:E530', unacked: 0 }],
    ['one that is closed', '06', null],
    ['a socket that listens', '0A', null],
  ])('%s', (_, state, expected) => {
    const line = `   5: 0100007F:9091 0100007F:E530 ${state} 00000000:00000000 00:00000000 00000000     0        0 17076 1 00000000e385456c 20 4 27 18 -1`
    expect(parseConnection(line)).toEqual(expected)
  })
})

describe('Upstreams', () => {
  it('counts connections that the process made, not those that it accepted', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const collected = collect(() => [])
    const queues = new AcceptQueues(collected.context.sink)
    const sockets = await Promise.all([client(server, port), client(server, port)])
    const look = (t: number) => queues.look(t, [process.pid])
    const seen = () => collected.of('upstream').filter(({ to }) => to === `127.0.0.1:${port}`)
    look(0)
    expect(seen()).toMatchObject([{ pid: process.pid, n: 2 }])

    look(60_000)
    expect(seen()).toHaveLength(1)

    sockets[0]?.destroy()
    await once(sockets[0], 'close')
    look(120_000)
    sockets[1]?.destroy()
    await once(sockets[1], 'close')
    look(180_000)
    expect(seen().map(({ n }) => n)).toEqual([2, 1, 0])
  })
})

describe('connections of clients', () => {
  const connection = (inode: string, port: number, peerPort: number) => {
    const peer = `0100007F:${peerPort.toString(16).toUpperCase().padStart(4, '0')}`
    return { inode, port, peer, unacked: 0 }
  }

  it('are not those by which its own processes ask each other', () => {
    const collected = collect(() => [])
    const asked = [connection('1', 50_000, 7000), connection('2', 7000, 50_000)]
    const fromOutside = [connection('3', 7000, 50_001), connection('4', 8000, 50_002)]
    const owners = new Map([...asked, ...fromOutside].map(({ inode }) => [inode, 10]))
    new Upstreams(collected.context.sink).look(0, [...asked, ...fromOutside], owners, new Set([7000, 8000]))
    expect(collected.of('client-sockets')).toMatchObject([{ open: 2 }])
    expect(collected.of('upstream')).toMatchObject([{ to: '127.0.0.1:7000', n: 1 }])
  })
})

async function client(server: Server, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const [accepted] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')]))[0] as [Socket]
  onTestFinished(() => void accepted.destroy())
  return socket
}
