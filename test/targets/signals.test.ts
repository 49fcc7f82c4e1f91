import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isAlive, launchedPid, script, startDriver, until } from '../support/process.ts'

const NODE = process.execPath
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGCONT', 'SIGWINCH', 'SIGUSR2'] as const

/** Says each signal it gets, and goes on. */
const LISTENER = `
  for (const signal of ${JSON.stringify(SIGNALS)}) process.on(signal, () => console.log(process.env.NAME ?? 'target', 'got', signal))
  setInterval(() => {}, 1000)
  console.log('ready')
`

const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length

describe('without a terminal', () => {
  it.each(SIGNALS.filter((signal) => signal !== 'SIGUSR2'))('passes %s on once', async (signal) => {
    const { child, stdout, events } = startDriver([NODE, script(LISTENER)])
    await until(() => stdout().includes('ready'))
    expect(events()[0]?.launched?.shared).toBe(false)
    child.kill(signal)
    await until(() => stdout().includes('got'))
    await sleep(300)
    expect(stdout()).toBe(`ready\ntarget got ${signal}\n`)
  })

  it('keeps SIGUSR2 for itself', async () => {
    const { child, stdout, events } = startDriver([NODE, script(LISTENER)], { graceMs: 400 })
    await until(() => stdout().includes('ready'))
    child.kill('SIGUSR2')
    await until(() => events().some(({ terminated }) => terminated))
    expect(stdout()).not.toContain('SIGUSR2')
  })

  it('gives the target a group of its own, so that a Ctrl-C for holdup does not reach it twice', async () => {
    const { child, stdout, events } = startDriver([NODE, script(LISTENER)])
    await until(() => stdout().includes('ready'))
    const pid = await launchedPid(events)
    // What a terminal does to holdup's group does not touch the target's.
    expect(() => process.kill(-pid, 0)).not.toThrow()
    child.kill('SIGINT')
    await until(() => stdout().includes('got SIGINT'))
    await sleep(300)
    expect(count(stdout(), /got SIGINT/g)).toBe(1)
  })

  it('stops the target when it is stopped, and wakes it', async () => {
    const { child, stdout } = startDriver([NODE, '-e', 'setInterval(() => console.log("beat"), 20)'])
    await until(() => stdout().includes('beat'))
    child.kill('SIGTSTP')
    await sleep(300)
    const stopped = stdout()
    await sleep(300)
    expect(stdout()).toBe(stopped)
    child.kill('SIGCONT')
    await until(() => stdout().length > stopped.length)
  })
})

/** On SIGTERM says so and ends after \`ms\`. */
const polite = (name: string, ms: number) => `
  process.on('SIGTERM', () => { console.log('${name} got SIGTERM'); setTimeout(() => process.exit(), ${ms}) })
  setInterval(() => {}, 1000)
  console.log('${name} ready')
`

describe('terminate', () => {
  async function terminated(command: readonly string[], ready: RegExp, graceMs = 5000) {
    const { child, stdout, events } = startDriver(command, { graceMs, env: { DRIVER_STAYS: '1' } })
    await until(() => ready.test(stdout()))
    const began = performance.now()
    child.kill('SIGUSR2')
    await until(() => events().some(({ terminated }) => terminated))
    const pids = events().flatMap(({ processes }) => processes ?? [])
    return { ms: performance.now() - began, stdout: stdout(), pids: pids.map(({ pid }) => pid) }
  }

  it('sends one SIGTERM and waits for the end that the target takes', async () => {
    const { ms, stdout } = await terminated([NODE, script(polite('a', 700))], /a ready/)
    expect(count(stdout, /got SIGTERM/g)).toBe(1)
    expect(ms).toBeGreaterThan(650)
    expect(ms).toBeLessThan(2500)
  })

  it('sees through a shell that dies without passing it on', async () => {
    const { stdout, pids } = await terminated(
      ['sh', '-c', `${NODE} ${script(polite('a', 100))}; echo never`],
      /a ready/,
    )
    expect(pids).toHaveLength(2)
    expect(count(stdout, /a got SIGTERM/g)).toBe(1)
    expect(stdout).not.toContain('never')
    expect(pids.some(isAlive)).toBe(false)
  })

  it('sends no second one where a wrapper such as npm passes it on', async () => {
    const wrapper = script(`
      import { spawn } from 'node:child_process'
      const child = spawn('sh', ['-c', process.argv[2]], { stdio: 'inherit' })
      process.on('SIGTERM', () => child.kill('SIGTERM'))
      child.on('exit', () => process.exit())
    `)
    const { stdout } = await terminated([NODE, wrapper, `exec ${NODE} ${script(polite('a', 600))}`], /a ready/)
    expect(count(stdout, /a got SIGTERM/g)).toBe(1)
  })

  it('sends one to each of two workers of a shell', async () => {
    const worker = (name: string) => `${NODE} ${script(polite(name, 300))}`
    const { stdout, pids } = await terminated(
      ['sh', '-c', `${worker('a')} & ${worker('b')} & wait`],
      /[ab] ready[^]*[ab] ready/,
    )
    expect(stdout.match(/. got SIGTERM/g)?.toSorted()).toEqual(['a got SIGTERM', 'b got SIGTERM'])
    expect(pids.some(isAlive)).toBe(false)
  })

  it('kills after the grace what is left, adopted by init and in another session too', async () => {
    const deaf = script(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf ready')`)
    const parent = script(`
      import { spawn } from 'node:child_process'
      spawn(${JSON.stringify(NODE)}, [${JSON.stringify(deaf)}], { stdio: 'inherit', detached: true })
      setTimeout(() => process.exit(3), 900)
    `)
    const { child, stdout, events } = startDriver([NODE, parent], { graceMs: 800, env: { DRIVER_STAYS: '1' } })
    await until(() => stdout().includes('deaf ready'))
    await until(() => events().some(({ exit }) => exit?.code === 3))
    child.kill('SIGUSR2')
    await until(() => events().some(({ terminated }) => terminated))
    const left = events().find(({ processes }) => processes)?.processes ?? []
    expect(left.map(({ command }) => command)).toEqual([expect.stringContaining('script.mjs')])
    expect(left.some(({ pid }) => isAlive(pid))).toBe(false)
  })

  it('works without /proc', async () => {
    const { child, stdout, events } = startDriver(['sh', '-c', `${NODE} ${script(polite('a', 100))}; echo never`], {
      env: { HOLDUP_NO_PROC: '1', DRIVER_STAYS: '1' },
    })
    await until(() => stdout().includes('a ready'))
    await sleep(1500)
    child.kill('SIGUSR2')
    await until(() => events().some(({ terminated }) => terminated))
    expect(count(stdout(), /a got SIGTERM/g)).toBe(1)
    expect(stdout()).not.toContain('never')
  })

  it('gives one that was sent SIGTERM through holdup no second one', async () => {
    const { child, stdout, events } = startDriver([NODE, script(polite('a', 1500))], { graceMs: 2000 })
    await until(() => stdout().includes('a ready'))
    child.kill('SIGTERM')
    await until(() => stdout().includes('got SIGTERM'))
    child.kill('SIGUSR2')
    await until(() => events().some(({ terminated }) => terminated))
    expect(count(stdout(), /got SIGTERM/g)).toBe(1)
    expect(events().find(({ exit }) => exit)?.exit).toEqual({ code: 0, signal: null })
  })
})
