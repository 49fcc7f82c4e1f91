import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClosedLoop } from '../../src/load/closed-loop.ts'
import { listeningPorts } from '../../src/load/listening.ts'
import { waitForUrl } from '../../src/load/wait-for-url.ts'
import { cpuNs, isAlive, parentOf, treeOf } from './cpu-of-tree.ts'
import type { Fixture } from './fixture.ts'
import type { Variant } from './variants.ts'

const START_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 60_000
const POLL_MS = 2
const REQUEST_TIMEOUT_MS = 10_000

/** What a number of requests took. */
export interface Slice {
  requests: number
  ms: number
  /** CPU of the target's processes a request, in microseconds. */
  cpuUs: number
  /** CPU of the tool's own processes, in cores. */
  toolCores: number
}

/** From the signal to the exits of the target and of the tool. */
export interface Stop {
  targetMs: number
  toolMs: number
  killed: boolean
}

/** A server of the fixture, bare or under a tool, that runs until it is stopped. */
export class BenchServer {
  /** The tool; the target itself when bare. */
  readonly #root: number
  /** The process that the tool started: the target is it and its descendants. */
  readonly #target: number
  readonly url: string
  readonly #fixture: Fixture

  private constructor(root: number, target: number, url: string, fixture: Fixture) {
    this.#root = root
    this.#target = target
    this.url = url
    this.#fixture = fixture
  }

  /** Resolves once it answers. What it and its tool print and write goes to the folder. */
  static async start(
    variant: Variant,
    fixture: Fixture,
    folder: string,
    mode: 'collect' | 'report',
  ): Promise<BenchServer> {
    const port = await freePort()
    const [command = '', ...args] = variant.command(fixture, mode)
    mkdirSync(folder, { recursive: true })
    const log = openSync(join(folder, 'output.txt'), 'a')
    const child = spawn(command, args, {
      cwd: folder,
      // A group of its own, which gets SIGINT as from a terminal.
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
        PORT: String(port),
        STORE_PORT: fixture.storePort,
        NO_INSIGHT: '1',
        NO_UPDATE_NOTIFIER: '1',
        ...variant.env,
      },
    })
    child.on('error', () => {})
    const root = child.pid
    if (root === undefined) throw new Error(`${variant.name} does not start: ${command}`)
    // They are in groups of their own: an interrupted bench must not leave them behind.
    const killTree = () => treeOf(root).forEach(killIfThere)
    process.on('exit', killTree)
    child.on('exit', () => process.off('exit', killTree))
    const url = `http://127.0.0.1:${port}`
    const alive = () => child.exitCode === null && child.signalCode === null
    const readiness = await waitForUrl(url, { timeoutMs: START_WITHIN_MS, alive })
    const listener = treeOf(root).find((pid) => listeningPorts([pid]).includes(port))
    if (readiness !== 'answers' || listener === undefined) {
      killTree()
      throw new Error(`${variant.name} does not serve: ${readiness}; see ${folder}/output.txt`)
    }
    return new BenchServer(root, startedBy(root, listener), url, fixture)
  }

  /** The first process of the target. */
  get pid(): number {
    return this.#target
  }

  /** Makes these many requests, the same ones in the same order each time. */
  async slice(requests: number, connections: number): Promise<Slice> {
    const before = this.#cpu()
    const began = performance.now()
    const loop = new ClosedLoop({
      url: this.url,
      connections,
      paths: this.#fixture.paths,
      timeoutMs: REQUEST_TIMEOUT_MS,
      requests,
    })
    await loop.ended()
    const ms = performance.now() - began
    const after = this.#cpu()
    const { requests: answered, ...failed } = loop.take()
    if (failed.non2xx + failed.errors + failed.timeouts > 0 || answered < requests)
      throw new Error(`requests failed: ${JSON.stringify(failed)}`)
    return {
      requests: answered,
      ms,
      cpuUs: (after.target - before.target) / 1e3 / answered,
      toolCores: (after.tool - before.tool) / 1e6 / ms,
    }
  }

  /** As Ctrl-C does; resolves when the tool has ended, by itself or, after a minute, killed. */
  async stop(): Promise<Stop> {
    const root = this.#root
    const all = treeOf(root)
    const began = performance.now()
    if (isAlive(root)) process.kill(-root, 'SIGINT')
    let targetMs = NaN
    while (isAlive(root) && performance.now() - began < STOP_WITHIN_MS) {
      if (Number.isNaN(targetMs) && !isAlive(this.#target)) targetMs = performance.now() - began
      await sleep(POLL_MS)
    }
    const killed = isAlive(root)
    for (const pid of killed ? all : []) killIfThere(pid)
    return { targetMs, toolMs: performance.now() - began, killed }
  }

  #cpu(): { target: number; tool: number } {
    const target = treeOf(this.#target)
    const tool = treeOf(this.#root).filter((pid) => !target.includes(pid))
    return { target: cpuNs(target), tool: cpuNs(tool) }
  }
}

/** The descendant of the tool's process that leads to the listener; the root itself when nothing is between. */
function startedBy(root: number, listener: number): number {
  if (listener === root) return root
  const parent = parentOf(listener)
  return parent === root ? listener : startedBy(root, parent)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
