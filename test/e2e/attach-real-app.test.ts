/** `holdup attach` on an Express service under load: what is reported of it, and that its clients notice nothing. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import type { Report } from '../../src/report/model.ts'
import { installedNode, TARGET_NODE } from '../support/agent.ts'
import { ROOT, startCli, temporaryFolder } from '../support/cli.ts'
import { isAlive, until } from '../support/process.ts'

const APP = join(ROOT, 'test/support/express-app.mjs')
const NODES: [name: string, node: string | null][] = [
  ['the Node of the tests', TARGET_NODE],
  ...[22, 24, 26].map((major): [string, string | null] => [
    `Node ${major} (node scripts/nodes.mjs ${major})`,
    installedNode(major),
  ]),
]
/** One after the other while the agent is in. */
const ROUNDS = 5
/** Another holdup in this network may have its turn first. */
const ATTACHED_WITHIN_MS = 20_000

interface Answer {
  asked: string
  status: number
  headers: Record<string, string>
  body: string
}

async function startApp(node: string): Promise<{ app: ChildProcess & { pid: number }; url: string }> {
  const port = await freePort()
  const env = { ...process.env, PORT: String(port), NODE_ENV: 'production' }
  const app = spawn(node, [APP], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void app.kill('SIGKILL'))
  let said = ''
  app.stdout.on('data', (chunk) => (said += String(chunk)))
  await until(() => said.includes('ready'))
  return { app: app as typeof app & { pid: number }, url: `http://127.0.0.1:${port}` }
}

/** What the app answers to requests of all its kinds. */
async function answersOf(url: string): Promise<Answer[]> {
  const json = { 'content-type': 'application/json' }
  const requests: [path: string, init?: RequestInit][] = [
    ['/items'],
    ['/items/2'],
    ['/items', { method: 'POST', headers: json, body: '{"name":"another"}' }],
    ['/items', { method: 'POST', headers: json, body: '{"name":' }],
    ['/items', { method: 'HEAD' }],
    ['/files/express-app.mjs'],
    ['/fails'],
    ['/nowhere'],
  ]
  const answers: Answer[] = []
  for (const [path, init] of requests) {
    const response = await fetch(url + path, init)
    const { date: _, ...headers } = Object.fromEntries(response.headers)
    const asked = `${init?.method ?? 'GET'} ${path}`
    answers.push({ asked, status: response.status, headers, body: await response.text() })
  }
  return answers
}

describe('holdup attach on an Express service', () => {
  for (const [name, node] of NODES)
    it.skipIf(node === null)(name, { timeout: 60_000 }, () => attachUnderLoad(node ?? ''))
})

async function attachUnderLoad(node: string): Promise<void> {
  const { app, url } = await startApp(node)
  const before = await answersOf(url)
  const folder = temporaryFolder()
  const load = ['--load', `${url}/items/1`, '-c', '4']
  const { done } = startCli(['attach', String(app.pid), '-d', '5s', '-o', folder, ...load])

  const recording = join(folder, 'recording.ndjson')
  const agentSpoke = () => existsSync(recording) && readFileSync(recording, 'utf8').includes('"k":"http"')
  await until(agentSpoke, ATTACHED_WITHIN_MS)
  for (let round = 0; round < ROUNDS; round++) {
    expect(await answersOf(url)).toEqual(before)
    await sleep(100)
  }
  // It is compressed when it ends: the answers came before that.
  expect(existsSync(recording)).toBe(true)

  const { code, stderr } = await done
  expect(code, stderr).toBe(0)
  expect(stderr).not.toContain('no agent')
  expect(isAlive(app.pid)).toBe(true)
  expect(await answersOf(url)).toEqual(before)

  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
  expect(report.signals.httpServer?.requests).toBeGreaterThan(100)
  expect(report.signals.httpServer?.latencyMs.p50).toBeGreaterThan(0)
  expect(report.signals.http?.requests).toBeGreaterThan(100)
  const main = report.stacks.find(({ group, tid }) => group === 'main' && tid === app.pid)
  expect(main, JSON.stringify(report.stacks)).toBeDefined()
  expect(readFileSync(join(folder, main?.file ?? ''), 'utf8')).toContain('digestOf')
}
