import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { driver, type Driver, isAlive, launchedPid, script, stateOf, until } from '../support/process.ts'
import { CTRL_C, CTRL_Z, type Pty, startPty } from '../support/pty.ts'

const NODE = process.execPath
const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length

/** Says what it gets from the terminal and from signals; ends at the line `quit`. */
const TALKER = `
  import { createInterface } from 'node:readline'
  const say = (...words) => console.log('<', ...words, '>')
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGCONT']) process.on(signal, () => say(signal))
  process.stdout.on('resize', () => say('size', process.stdout.columns, process.stdout.rows))
  createInterface({ input: process.stdin }).on('line', (line) => line === 'quit' ? process.exit() : say('line', line))
  setInterval(() => {}, 1000)
  say('tty', process.stdin.isTTY === true, process.stdout.isTTY === true)
`

async function atTerminal(source = TALKER): Promise<{ terminal: Pty; driven: Driver }> {
  const driven = driver([NODE, script(source)])
  const terminal = startPty(driven.argv, driven.env)
  await terminal.expect(/< tty true true >/)
  return { terminal, driven }
}

/** The same started from an interactive shell, as job control needs one. */
async function inShell(before = '', after = ''): Promise<{ terminal: Pty; driven: Driver }> {
  const driven = driver([NODE, script(TALKER)])
  const terminal = startPty(['bash', '--norc', '--noprofile', '-i'], { ...driven.env, PS1: 'shell> ' })
  await terminal.expect(/shell> /)
  terminal.type(`${before}${driven.argv.join(' ')}${after}\r`)
  return { terminal, driven }
}

describe('at a terminal the target', () => {
  it('reads a line, sees a terminal and its size', async () => {
    const { terminal, driven } = await atTerminal()
    expect(driven.events()[0]?.launched?.shared).toBe(true)
    terminal.type('hello\r')
    await terminal.expect(/< line hello >/)
    terminal.resize(77, 22)
    await terminal.expect(/< size 77 22 >/)
    terminal.type('quit\r')
    await until(() => driven.events().find(({ exit }) => exit?.code === 0))
  })

  it('gets exactly one SIGINT at Ctrl-C, and holdup gets it too', async () => {
    const { terminal, driven } = await atTerminal()
    terminal.type(CTRL_C)
    await terminal.expect(/< SIGINT >/)
    await until(() => driven.events().some(({ got }) => got === 'SIGINT'))
    await sleep(400)
    expect(count(terminal.output(), /< SIGINT >/g)).toBe(1)
  })

  it('ends at Ctrl-C where it does not catch it', async () => {
    const { terminal, driven } = await atTerminal(`console.log('< tty true true >'); setInterval(() => {}, 1000)`)
    terminal.type(CTRL_C)
    await until(() => driven.events().find(({ exit }) => exit?.signal === 'SIGINT'))
  })

  it('gets a SIGTERM that was sent to holdup once', async () => {
    const { terminal } = await atTerminal()
    process.kill(terminal.pid, 'SIGTERM')
    await terminal.expect(/< SIGTERM >/)
    await sleep(300)
    expect(count(terminal.output(), /< SIGTERM >/g)).toBe(1)
  })

  it('gets a SIGHUP that was sent to holdup while the terminal is there', async () => {
    const { terminal } = await atTerminal()
    process.kill(terminal.pid, 'SIGHUP')
    await terminal.expect(/< SIGHUP >/)
  })

  it('gets a SIGINT that was sent to holdup alone, if it would have ended by it', async () => {
    const driven = driver(['sleep', '100'])
    const terminal = startPty(driven.argv, driven.env)
    await launchedPid(driven.events)
    process.kill(terminal.pid, 'SIGINT')
    await until(() => driven.events().find(({ exit }) => exit?.signal === 'SIGINT'))
  })

  it('ends with the terminal', async () => {
    const { terminal, driven } = await atTerminal(`console.log('< tty true true >'); setInterval(() => {}, 1000)`)
    const pid = await launchedPid(driven.events)
    terminal.close()
    await until(() => !isAlive(pid))
  })

  it('ends on SIGTERM of its own group by terminate, once', async () => {
    const { terminal, driven } = await atTerminal()
    process.kill(terminal.pid, 'SIGUSR2')
    await terminal.expect(/< SIGTERM >/)
    terminal.type('quit\r')
    await until(() => driven.events().some(({ terminated }) => terminated))
    expect(count(terminal.output(), /< SIGTERM >/g)).toBe(1)
  })
})

describe('job control', () => {
  it('stops both at Ctrl-Z and brings both back with fg', async () => {
    const { terminal, driven } = await inShell()
    await terminal.expect(/< tty true true >/)
    terminal.type(CTRL_Z)
    await terminal.expect(/Stopped[^]*shell> /)
    const pid = await launchedPid(driven.events)
    expect(stateOf(pid)).toBe('T')
    terminal.type('fg\r')
    await until(() => stateOf(pid) !== 'T')
    terminal.type('again\r')
    await terminal.expect(/< line again >/)
    await sleep(300)
    expect(count(terminal.output(), /< SIGCONT >/g)).toBe(1)
    terminal.type('quit\r')
    await until(() => driven.events().find(({ exit }) => exit?.code === 0))
  })

  it('does not let a target in the background read the terminal until it comes to the foreground', async () => {
    const { terminal, driven } = await inShell('', ' &')
    const pid = await launchedPid(driven.events)
    await terminal.expect(/< tty true true >/)
    await until(() => {
      // The shell and the target race for each key; the target is stopped when it tries.
      terminal.type('\r')
      return stateOf(pid) === 'T'
    })
    await until(() => {
      // What was typed before may swallow it.
      if (stateOf(pid) !== 'T') return true
      terminal.type('fg\r')
      return false
    })
    terminal.type('mine\r')
    await terminal.expect(/< line mine >/)
    terminal.type('quit\r')
    await until(() => driven.events().find(({ exit }) => exit?.code === 0))
  })

  it('reaches a target whose stdin is a pipe once at Ctrl-C', async () => {
    const { terminal, driven } = await inShell('sleep 100 | ')
    await terminal.expect(/< tty false true >/)
    expect(driven.events()[0]?.launched?.shared).toBe(false)
    terminal.type(CTRL_C)
    await terminal.expect(/< SIGINT >/)
    await sleep(400)
    expect(count(terminal.output(), /< SIGINT >/g)).toBe(1)
    process.kill(await launchedPid(driven.events), 'SIGKILL')
  })

  it('stops a target whose stdin is a pipe at Ctrl-Z too', async () => {
    const { terminal, driven } = await inShell('sleep 100 | ')
    await terminal.expect(/< tty false true >/)
    const pid = await launchedPid(driven.events)
    terminal.type(CTRL_Z)
    await until(() => stateOf(pid) === 'T')
    terminal.type('bg\r')
    await until(() => stateOf(pid) !== 'T')
    process.kill(pid, 'SIGKILL')
  })
})
