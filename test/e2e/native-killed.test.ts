/** kill -9 of holdup or of a native target at random moments: nobody hangs, nothing is left but a recording that reads. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import { CLI, runCli, startCli, temporaryFolder } from '../support/cli.ts'
import { compile } from '../support/native-agent.ts'
import { until } from '../support/process.ts'
import { canTrace, instances } from '../support/traced.ts'

const KILLS = 20
const WITHIN_MS = 1500
const SHARED = existsSync('/dev/shm') ? '/dev/shm' : '/tmp'
/** holdup takes folders for a dead one's that are older. */
const STALE_MS = 5500

const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
const childOf = (pid: number) => Number(read(`/proc/${pid}/task/${pid}/children`).trim().split(' ')[0])
const cpuNs = (pid: number) =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (ns, tid) => ns + Number.parseInt(read(`/proc/${pid}/task/${tid}/schedstat`)),
    0,
  )

async function killAt(afterMs: number, whom: 'holdup' | 'target', program: string): Promise<number> {
  const folder = join(temporaryFolder(), 'recorded')
  const command = [CLI, 'run', '--quiet', '-o', folder, '--', program, '4', '60000', '200000']
  const holdup = spawn(process.execPath, command, { stdio: 'ignore' })
  const ended = once(holdup, 'exit')
  await sleep(afterMs)
  const target = childOf(holdup.pid ?? 0)
  if (whom === 'target' && target > 0) process.kill(target, 'SIGKILL')
  else holdup.kill('SIGKILL')
  await ended
  if (whom === 'holdup' && target > 0) {
    const before = cpuNs(target)
    await sleep(300)
    expect(cpuNs(target), 'the target goes on').toBeGreaterThan(before)
    process.kill(target, 'SIGKILL')
  }
  await expectReadable(folder)
  return holdup.pid ?? 0
}

/** As a user's readers find it after a kill: what was recorded, if anything was. */
async function expectReadable(folder: string): Promise<void> {
  for (const name of ['recording.ndjson', 'recording.ndjson.gz']) {
    const path = join(folder, name)
    if (existsSync(path) && statSync(path).size > 0)
      expect((await readRecording(path)).header.target.pid).toBeGreaterThan(0)
  }
}

it(`${KILLS} kills`, { timeout: 120_000 }, async () => {
  const program = compile('mutex')
  const pids: number[] = []
  for (let kill = 0; kill < KILLS; kill++)
    pids.push(await killAt(Math.random() * WITHIN_MS, kill % 2 === 0 ? 'holdup' : 'target', program))
  await sleep(STALE_MS)
  await runCli(['run', '--quiet', '-o', join(temporaryFolder(), 'recorded'), '--', 'true'])
  const left = readdirSync(SHARED).filter((name) => pids.some((pid) => name.startsWith(`holdup-native-${pid}-`)))
  expect(left).toEqual([])
})

it.runIf(canTrace)(`${KILLS} kills of what is attached to (needs root and tracefs)`, { timeout: 120_000 }, async () => {
  const target = spawn(compile('mutex'), ['4', '120000', '200000'], { stdio: 'ignore' })
  onTestFinished(() => void target.kill('SIGKILL'))
  for (let kill = 0; kill < KILLS; kill++) {
    const folder = join(temporaryFolder(), 'recorded')
    const { child, done } = startCli(['attach', String(target.pid), '--quiet', '-o', folder])
    await sleep(Math.random() * WITHIN_MS)
    child.kill('SIGKILL')
    await done
    await expectReadable(folder)
  }
  expect(target.exitCode ?? target.signalCode).toBeNull()
  expect((await runCli(['list', '--targets'])).code).toBe(0)
  // What reads for the last of them goes by itself, a moment later.
  await until(() => instances().length === 0)
})
