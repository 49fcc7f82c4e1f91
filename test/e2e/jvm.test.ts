/** A JVM is left as it was found, and tells what it knows however holdup or it ends. */
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { askJvm } from '../../src/probes/jvm/attach-socket.ts'
import { readRecording } from '../../src/recording/read.ts'
import { attach, recordingBegun, startAttach } from '../support/attach.ts'
import { startCli, temporaryFolder } from '../support/cli.ts'
import { QUERIES } from '../support/fixture.ts'
import { freePort } from '../../src/cli/free-port.ts'
import { startJava } from '../support/jvm.ts'
import { hasCommand } from '../support/native-fixture.ts'
import { until } from '../support/process.ts'

const TIMEOUT = { timeout: 90_000, retry: 1 }
const NOTHING = /No available recordings/
const folders = () => readdirSync('/tmp').filter((name) => name.startsWith('holdup-jvm-'))

describe.skipIf(!hasCommand('javac'))('a JVM', () => {
  it('is left alone when holdup is interrupted, and the report has its locks', TIMEOUT, async () => {
    const { pid, load } = await startJava('mutex-pool')
    const before = folders()
    const { child, done } = startAttach(pid, '--json')
    await sleep(5000)
    child.kill('SIGINT')
    const report = (await done).report()
    await load.stop()
    expect(report.locks[0]).toMatchObject({ kind: 'mutex', role: 'lock', fidelity: 'exact' })
    expect(report.locks[0]?.name).toMatch(/^monitor of search\.Index waited for in search\.MutexPool\.search/)
    const cpu = report.flames.filter(({ kind }) => kind === 'cpu')
    expect(cpu.flatMap(({ frames }) => frames).join('\n')).toContain('search.Index.rank (')
    expect(await askJvm(pid, 'JFR.check')).toMatch(NOTHING)
    expect(folders()).toEqual(before)
  })

  it('records no more some time after holdup was killed, and the next attach works', TIMEOUT, async () => {
    const { pid, load } = await startJava('idle-pool', 2)
    const { child, out, done } = startAttach(pid)
    await until(() => recordingBegun(out), 20_000)
    const running = /holdup-\d+-1 duration=90s .*running/
    await until(async () => running.test(await askJvm(pid, 'JFR.check')), 20_000)
    child.kill('SIGKILL')
    await done
    expect(await askJvm(pid, 'JFR.check')).toMatch(running)
    const report = (await attach(pid, '-d', '3s', '--json')).report()
    await load.stop()
    expect(report.locks.filter(({ role, heldUp }) => role === 'lock' && heldUp > 0.1)).toEqual([])
    expect(await askJvm(pid, 'JFR.check')).toMatch(running)
  })

  it('that ends by itself has told before', TIMEOUT, async () => {
    const port = await freePort()
    const folder = temporaryFolder()
    const load = ['--load', `http://127.0.0.1:${port}/search?q=tree`, '-c', '8', '--requests-from', QUERIES]
    const run = ['run', '--json', '-o', folder, ...load, '--', 'fixtures/java/mutex-pool/run.sh']
    const { child, done } = startCli(run, { env: { PORT: String(port) } })
    await sleep(9000)
    const recording = await readRecording(folder)
    process.kill(recording.header.target.pid, 'SIGTERM')
    await done
    expect(child.exitCode).toBe(0)
    const { records } = await readRecording(folder)
    expect(records.filter(({ k }) => k === 'runtime-wait').length).toBeGreaterThan(0)
  })
})
