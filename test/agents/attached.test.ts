import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { TARGET_NODE } from '../support/agent.ts'
import { ROOT, temporaryFolder } from '../support/cli.ts'

const ATTACH = join(ROOT, 'dist/agents/node/attach.js')

it('leaves nothing in a thread when holdup dies while the agent goes in', () => {
  const fifo = join(temporaryFolder(), 'fifo')
  spawnSync('mkfifo', [fifo])
  const script = `
    const fs = require('node:fs')
    const state = () => [
      process.listenerCount('exit'),
      Atomics.wait.toString().includes('native'),
      Symbol.for('holdup.agent') in globalThis,
    ].join()
    const before = state()
    const fifo = ${JSON.stringify(fifo)}
    const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    let dead = false
    // The handle is put there when the pipe is open and nothing has been written yet.
    const define = Object.defineProperty
    Object.defineProperty = (object, name, ...rest) => {
      if (name === Symbol.for('holdup.agent')) {
        fs.closeSync(reader)
        dead = true
      }
      return define(object, name, ...rest)
    }
    const config = { fifo, attached: true, cpuProfileMs: null }
    const { installed } = eval(fs.readFileSync(${JSON.stringify(ATTACH)}, 'utf8'))(config)
    console.log(dead, installed, state() === before)
  `
  const { stdout, stderr } = spawnSync(TARGET_NODE, ['-e', script], { encoding: 'utf8' })
  expect(stdout, stderr).toBe('true false true\n')
})

it('follows at once on that of a holdup that was killed, in a target with as many exit listeners as are usual', () => {
  const fifos = [join(temporaryFolder(), 'killed'), join(temporaryFolder(), 'next')]
  spawnSync('mkfifo', fifos)
  const script = `
    const fs = require('node:fs')
    for (let i = 0; i < 10; i++) process.on('exit', () => {})
    const [killed, next] = ${JSON.stringify(fifos)}
    const read = (fifo) => fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    const attach = (fifo) => {
      const config = { fifo, attached: true, cpuProfileMs: null }
      return eval(fs.readFileSync(${JSON.stringify(ATTACH)}, 'utf8'))(config).installed
    }
    const reader = read(killed)
    read(next)
    const installed = [attach(killed), attach(next)]
    fs.closeSync(reader)
    installed.push(attach(next))
    console.log(...installed, process.listenerCount('exit'), process.getMaxListeners())
    process.on('warning', (warning) => console.log(warning.message))
  `
  const { stdout, stderr } = spawnSync(TARGET_NODE, ['-e', script], { encoding: 'utf8' })
  expect(stdout, stderr).toBe('true false true 11 10\n')
})

it('goes in once, though the same evaluation interrupts it on its way in; and not at all where it is told to leave then', () => {
  const fifo = join(temporaryFolder(), 'fifo')
  spawnSync('mkfifo', [fifo])
  const script = `
    const fs = require('node:fs')
    const fifo = ${JSON.stringify(fifo)}
    fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    const wait = Atomics.wait
    let interrupt = () => {}
    const open = fs.openSync
    fs.openSync = (path, ...rest) => {
      const once = interrupt
      interrupt = () => {}
      once()
      return open(path, ...rest)
    }
    const attach = (interrupted = () => {}) => {
      interrupt = interrupted
      const config = { fifo, attached: true, cpuProfileMs: null }
      return eval(fs.readFileSync(${JSON.stringify(ATTACH)}, 'utf8'))(config).installed
    }
    const finish = () => globalThis[Symbol.for('holdup.agent')].finish()
    attach(() => void attach())
    console.log(process.listenerCount('exit'))
    finish()
    console.log(process.listenerCount('exit'), Atomics.wait === wait)
    attach(() => void finish())
    console.log(process.listenerCount('exit'), Atomics.wait === wait, Symbol.for('holdup.agent') in globalThis)
  `
  const { stdout, stderr } = spawnSync(TARGET_NODE, ['-e', script], { encoding: 'utf8' })
  expect(stdout, stderr).toBe('1\n0 true\n0 true false\n')
})
