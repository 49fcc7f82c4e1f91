import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { listeningPorts, waitForListening } from '../../src/load/listening.ts'

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  delete process.env['HOLDUP_NO_PROC']
})

/** A process that listens on these hosts and prints the ports that it got. */
async function listener(...hosts: string[]): Promise<{ pid: number; ports: number[] }> {
  const script = `const net = require('node:net')
    Promise.all(${JSON.stringify(hosts)}.map((host) => new Promise((done) => {
      const server = net.createServer().listen(0, host, () => done(server.address().port))
    }))).then((ports) => console.log(ports.join(' ')))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [line] = await once(child.stdout, 'data')
  const ports = String(line).trim().split(' ').filter(Boolean).map(Number)
  return { pid: child.pid ?? 0, ports }
}

const onLinux = test.skipIf(process.platform !== 'linux')

onLinux('finds the ports of the processes given and of no others', async () => {
  const one = await listener('127.0.0.1', '0.0.0.0')
  const other = await listener('127.0.0.1')
  const silent = await listener()
  expect(new Set(listeningPorts([one.pid]))).toEqual(new Set(one.ports))
  expect(listeningPorts([silent.pid, other.pid, one.pid])).toEqual([...other.ports, ...listeningPorts([one.pid])])
  expect(listeningPorts([silent.pid])).toEqual([])
})

onLinux('leaves out processes that are gone', async () => {
  const { pid, ports } = await listener('127.0.0.1')
  expect(listeningPorts([2 ** 22 + 1, pid])).toEqual(ports)
})

onLinux('waits for a port, and for the one that the target was told before any other', async () => {
  const { pid, ports } = await listener('127.0.0.1', '127.0.0.1')
  expect(ports).toContain(await waitForListening({ pids: () => [pid], timeoutMs: 2000 }))
  expect(await waitForListening({ pids: () => [pid], timeoutMs: 2000, expected: ports[1] ?? 0 })).toBe(ports[1])
})

test('without /proc tries the port that the target was told', async () => {
  process.env['HOLDUP_NO_PROC'] = '1'
  const { pid, ports } = await listener('127.0.0.1')
  expect(await waitForListening({ pids: () => [pid], timeoutMs: 2000, expected: ports[0] ?? 0 })).toBe(ports[0])
  expect(await waitForListening({ pids: () => [pid], timeoutMs: 200 })).toBeUndefined()
})

test('gives up with the target, or when the time is over', async () => {
  const { pid } = await listener()
  const began = performance.now()
  expect(
    await waitForListening({ pids: () => [pid], timeoutMs: 5000, alive: () => performance.now() - began < 150 }),
  ).toBeUndefined()
  expect(await waitForListening({ pids: () => [pid], timeoutMs: 150 })).toBeUndefined()
  expect(performance.now() - began).toBeLessThan(2000)
})
