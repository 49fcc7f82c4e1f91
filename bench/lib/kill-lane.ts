/** Kills one attach after the other on a server of its own; a process, so that it can have a network of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../../src/units.ts'
import { fixture, startStore } from './fixture.ts'
import { killAttach, type KillTarget } from './kill-attach.ts'
import { LightLoad } from './light-load.ts'
import { BenchServer } from './server.ts'
import { StallLog, stallLogEnvironment } from './stall-log.ts'
import { Traces } from './traces.ts'
import { BARE } from './variants.ts'

/** The lane's one argument, as JSON. */
export interface Lane {
  fixture: string
  kills: number
  withinMs: Milliseconds
}

/** Until each thread of the server has spoken. */
const SETTLE_MS = 1000

const lane = JSON.parse(process.argv[2] ?? '') as Lane
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
const store = await startStore()
const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-kill-'))
try {
  await kill()
  rmSync(folder, { recursive: true })
} finally {
  store.stop()
}

async function kill(): Promise<void> {
  const log = join(folder, 'log.ndjson')
  const { paths, ...rest } = fixture(lane.fixture, store.port)
  const variant = { ...BARE, env: stallLogEnvironment(log) }
  const server = await BenchServer.start(variant, { paths, ...rest }, folder, 'collect')
  const load = new LightLoad(server.url, paths)
  const states = new StallLog(log)
  try {
    await sleep(SETTLE_MS)
    states.read()
    const url = new URL(paths[0] ?? '/', server.url).href
    const body = await (await fetch(url)).text()
    const target: KillTarget = { pid: server.pid, url, body, traces: new Traces(server.pid, states) }
    for (let n = 0; n < lane.kills; n++) {
      const found = await killAttach(target, Math.random() * lane.withinMs, join(folder, `attach-${n}`))
      found.harmed.push(...load.takeFailures())
      console.log(JSON.stringify(found))
    }
  } finally {
    states.close()
    load.stop()
    await server.stop()
  }
}
