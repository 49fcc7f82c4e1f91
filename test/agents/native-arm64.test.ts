import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../../src/package-file.ts'
import { compile, type Emulator, lockWaitMs, runUnderAgent } from '../support/native-agent.ts'

const COMPILER = 'aarch64-linux-gnu-gcc'
const emulator: Emulator = {
  command: ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'],
  agent: packageFile('dist/agents/native/arm64.so'),
}
const isThere = (command: string) => spawnSync(command, ['--version']).status === 0
const canRun = isThere(COMPILER) && isThere('qemu-aarch64') && existsSync(emulator.agent)

describe.skipIf(!canRun)(`the native agent of arm64, emulated (needs ${COMPILER} and qemu-aarch64)`, () => {
  it('contended waits as the program measured them, within 1 %', async () => {
    const run = await runUnderAgent([compile('mutex', COMPILER), '16', '1500', '200000'], { emulator })
    const truth = (run.truth['wait_ns'] ?? 0) / 1e6
    expect(truth).toBeGreaterThan(1000)
    expect(Math.abs(lockWaitMs(run) - truth) / truth).toBeLessThan(0.01)
  })

  it('threads created and exited, to the last one', async () => {
    const run = await runUnderAgent([compile('churn', COMPILER), '500', '2000'], { emulator })
    const sum = (field: 'created' | 'exited') =>
      run.of('native-spawn').reduce((total, record) => total + record[field], 0)
    expect(run.truth['created']).toBeGreaterThan(0)
    expect(sum('created')).toBe(run.truth['created'])
    expect(sum('exited')).toBe(run.truth['created'])
  })

  it('turns of a loop that are over 10 ms, to the last one', async () => {
    const run = await runUnderAgent([compile('loop', COMPILER)], { emulator })
    expect(run.truth['over_10ms']).toBeGreaterThan(0)
    expect(run.of('native-turn')).toHaveLength(run.truth['over_10ms'] ?? -1)
  })

  // QEMU has no robust mutexes: `behaviour` hangs in it, agent or none.
  it('a malloc that locks, reads and writes', async () => {
    const run = await runUnderAgent([compile('own-malloc', COMPILER)], { emulator })
    expect({ stdout: run.stdout, stderr: run.stderr, code: run.code }).toEqual({
      stdout: 'failed: 0\n',
      stderr: '',
      code: 0,
    })
  })

  it('the waiter and its caller', async () => {
    const program = compile('mutex', COMPILER)
    const run = await runUnderAgent([program, '8', '1500', '200000'], { emulator })
    const waits = run.of('native-wait').filter(({ kind }) => kind === 'mutex')
    expect(waits.length).toBeGreaterThan(0)
    // QEMU maps the code it emulates as data, in which nobody looks for functions.
    const functions = functionsOf(program)
    for (const { stack } of waits)
      expect(run.stack(stack).map((frame) => functions(Number(frame.split('+')[1])))).toEqual(['search', 'run'])
  })
})

/** The function at an offset of the program. */
function functionsOf(program: string): (offset: number) => string | undefined {
  const symbols = execFileSync('nm', ['--numeric-sort', program], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.split(' '))
  return (offset) => symbols.findLast(([address]) => Number(`0x${address}`) <= offset)?.[2]
}
