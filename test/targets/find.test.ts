import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import { HoldupError } from '../../src/errors.ts'
import { listeningPorts } from '../../src/load/listening.ts'
import { findTarget, type Selector } from '../../src/targets/find.ts'
import { script, startScript, stateOf, until } from '../support/process.ts'
import { asNobody, child, isRoot, startProcess, startZombie } from '../support/targets.ts'

const IDLE = `console.log('ready'); setInterval(() => {}, 1000)`
const NOBODY_HAS_IT = 2 ** 22 + 1

/** Listens on the port and host of its arguments. */
const LISTENS = `
  import { createServer } from 'node:http'
  createServer().listen(Number(process.argv[2]), process.argv[3] ?? '127.0.0.1', () => console.log('ready'))
`
/** Two workers share a port. */
const CLUSTER = `
  import cluster from 'node:cluster'
  import { createServer } from 'node:http'
  cluster.schedulingPolicy = process.argv[3] === 'shared' ? cluster.SCHED_NONE : cluster.SCHED_RR
  if (cluster.isPrimary) {
    let listening = 0
    cluster.on('listening', () => ++listening === 2 && console.log('ready'))
    cluster.fork(); cluster.fork()
  } else createServer().listen(Number(process.argv[2]), '127.0.0.1')
`

/** What findTarget throws. */
function error(selector: Selector): HoldupError {
  const outcome = lookFor(selector)
  return typeof outcome === 'number' ? new HoldupError('internal', { reason: `found ${outcome}` }) : outcome
}

function found(selector: Selector): number | null {
  const outcome = lookFor(selector)
  return typeof outcome === 'number' ? outcome : null
}

function lookFor(selector: Selector): number | HoldupError {
  try {
    return findTarget(selector)
  } catch (thrown) {
    if (thrown instanceof HoldupError) return thrown
    throw thrown
  }
}

/** A name that nothing else on this machine has. */
function uniqueName(): string {
  return `target-${process.pid}-${Math.random().toString(36).slice(2)}.mjs`
}

afterEach(() => {
  delete process.env['HOLDUP_NO_PROC']
})

describe('by its pid', () => {
  it('gives a living process back', async () => {
    const { pid } = await startScript(IDLE)
    expect(findTarget({ pid })).toBe(pid)
  })

  it('gives a stopped process back', async () => {
    const { pid } = await startScript(IDLE)
    process.kill(pid, 'SIGSTOP')
    await until(() => stateOf(pid) === 'T')
    expect(findTarget({ pid })).toBe(pid)
  })

  it.each([NOBODY_HAS_IT, 0, -1, 1.5])('says that there is no process %d', (pid) => {
    expect(error({ pid })).toMatchObject({ code: 'no-such-pid', why: 'there is no such process' })
  })

  it('says of a thread id whose it is, and to attach to that', async () => {
    const { pid } = await startScript(IDLE)
    const thread = Number(readdirSync(`/proc/${pid}/task`).find((tid) => Number(tid) !== pid))
    expect(error({ pid: thread })).toMatchObject({
      code: 'no-such-pid',
      why: expect.stringMatching(`^it is a thread of pid ${pid}: .*node .*script\\.mjs`),
      try: `holdup attach ${pid}`,
    })
  })

  it('says that it is holdup itself, or a thread of it', () => {
    const thread = Number(readdirSync('/proc/self/task').find((tid) => Number(tid) !== process.pid))
    expect(error({ pid: process.pid })).toMatchObject({ code: 'no-such-pid', why: "it is holdup's own pid" })
    expect(error({ pid: thread })).toMatchObject({ code: 'no-such-pid', why: 'it is a thread of holdup itself' })
  })

  it('says of a zombie whose it is', async () => {
    const { zombie, parent } = await startZombie()
    expect(error({ pid: zombie })).toMatchObject({
      code: 'target-zombie',
      why: `it has ended, and its parent ${parent} (sleep 60) has not taken note of it`,
    })
  })

  it('goes without /proc', async () => {
    const { pid } = await startScript(IDLE)
    process.env['HOLDUP_NO_PROC'] = '1'
    expect(findTarget({ pid })).toBe(pid)
    expect(error({ pid: NOBODY_HAS_IT }).code).toBe('no-such-pid')
    expect(error({ pid: process.pid }).code).toBe('no-such-pid')
  })
})

describe('by its port', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('finds who listens on %s', async (host) => {
    const port = await freePort()
    const { pid } = await startScript(LISTENS, [String(port), host])
    expect(findTarget({ port })).toBe(pid)
  })

  it('says that nobody listens', async () => {
    const port = await freePort()
    expect(error({ port })).toMatchObject({
      code: 'nobody-listens',
      what: `found no process that listens on TCP port ${port}`,
      try: 'holdup list --targets',
    })
  })

  it.each(['by turns', 'shared'])('finds the primary of a cluster whose workers share the port (%s)', async (how) => {
    const port = await freePort()
    const { pid } = await startScript(CLUSTER, [String(port), how])
    expect(findTarget({ port })).toBe(pid)
  })

  it('asks which of two is meant that share a port on different hosts', async () => {
    const port = await freePort()
    const one = await startScript(LISTENS, [String(port), '127.0.0.1'])
    const other = await startScript(LISTENS, [String(port), '::1'])
    const { code, what, why, try: attempt } = error({ port })
    expect(code).toBe('target-ambiguous')
    expect(what).toBe(`2 processes fit --port ${port}`)
    for (const { pid } of [one, other]) expect(why).toContain(`${pid} (parent ${process.pid}) `)
    expect(attempt).toBe(`holdup attach ${one.pid}`)
  })

  it.skipIf(!isRoot)('finds who listens in another network namespace (needs root)', async () => {
    const port = await freePort()
    const listens = script(LISTENS)
    const pid = await startProcess(['unshare', '-n', process.execPath, listens, String(port), '0.0.0.0'], 'node')
    await until(() => found({ port }) === pid)
  })

  it.skipIf(!isRoot)('rather finds who listens in our network namespace than in another (needs root)', async () => {
    const port = await freePort()
    const { pid } = await startScript(LISTENS, [String(port)])
    const far = await startProcess(
      ['unshare', '-n', process.execPath, script(LISTENS), String(port), '0.0.0.0'],
      'node',
    )
    await until(() => listeningPorts([far]).includes(port))
    expect(findTarget({ port })).toBe(pid)
  })

  it.skipIf(!isRoot)("follows Docker's proxy into the container, or says that it can not (needs root)", async () => {
    const [port, inside] = [await freePort(), await freePort()]
    const proxy = `exec -a docker-proxy "$0" "$@"`
    const listens = script(LISTENS)
    await startProcess(
      ['bash', '-c', proxy, process.execPath, listens, String(port), '127.0.0.1', '-container-port', String(inside)],
      'node',
    )
    await until(() => error({ port }).why.startsWith(`docker-proxy passes it on to port ${inside} of a container`))
    const pid = await startProcess(['unshare', '-n', process.execPath, listens, String(inside), '0.0.0.0'], 'node')
    await until(() => found({ port }) === pid)
  })

  it.skipIf(!isRoot)("asks for sudo where the listener is another user's (needs root to be another)", async () => {
    const port = await freePort()
    await startScript(LISTENS, [String(port)])
    expect(asNobody(() => error({ port }))).toMatchObject({
      code: 'nobody-listens',
      why: 'a socket of uid 0 listens there, and only root and that user may see whose it is',
      try: `sudo holdup attach --port ${port}`,
    })
  })
})

describe('by its name', () => {
  it('finds the script of a Node process, in whatever case and by a part', async () => {
    const file = script(IDLE, uniqueName())
    const pid = await startProcess([process.execPath, file])
    const name = basename(file)
    for (const given of [name, name.toUpperCase(), name.slice(0, -6), file, `node ${file}`])
      expect(findTarget({ name: given })).toBe(pid)
  })

  it('rather finds the very name than one that holds it', async () => {
    const name = uniqueName()
    await startProcess([process.execPath, script(IDLE, `old-${name}`)])
    const pid = await startProcess([process.execPath, script(IDLE, name)])
    expect(findTarget({ name })).toBe(pid)
  })

  it('says that nothing is called that', () => {
    const name = uniqueName()
    expect(error({ name })).toMatchObject({ code: 'no-such-name', what: `found no process named ${name}` })
    expect(error({ name: '' }).code).toBe('no-such-name')
  })

  it('gives what a shell and npm started, not these', async () => {
    const name = uniqueName()
    const file = script(IDLE, name)
    const shell = await startProcess(['sh', '-c', `${process.execPath} ${file}; true`])
    const pid = await until(() => child(shell))
    await until(() => found({ name }) === pid)
    // npm names itself like this.
    const npm = `process.title = 'npm exec ${name}'; const { spawn } = require('node:child_process'); spawn('sh', ['-c', process.argv[1]], { stdio: 'ignore' })`
    process.kill(-shell, 'SIGKILL')
    await until(() => error({ name }).code === 'no-such-name')
    const wrapper = await startProcess(
      [process.execPath, '-e', npm, `${process.execPath} ${file}; true`],
      `npm exec ${name}`.slice(0, 15),
    )
    const inner = await until(() => child(wrapper))
    const node = await until(() => child(inner))
    await until(() => found({ name }) === node)
    expect(findTarget({ name: `npm exec ${name}` })).toBe(node)
  })

  it('gives what another holdup records, not that', async () => {
    const name = uniqueName()
    const file = script(IDLE, name)
    const records = `require('node:child_process').spawn(process.argv[4], process.argv.slice(5), { stdio: 'ignore' })`
    const holdup = await startProcess([
      process.execPath,
      script(records, 'holdup'),
      'run',
      '--',
      process.execPath,
      file,
    ])
    const pid = await until(() => child(holdup))
    await until(() => found({ name }) === pid)
  })

  it('gives the primary of a cluster', async () => {
    const port = await freePort()
    const mark = uniqueName()
    const { pid } = await startScript(CLUSTER, [String(port), 'by turns', mark])
    expect(findTarget({ name: mark })).toBe(pid)
  })

  it('asks which of several is meant, without showing their secrets', async () => {
    const name = uniqueName()
    const file = script(IDLE, name)
    const pids: number[] = []
    for (let i = 0; i < 7; i++) pids.push(await startProcess([process.execPath, file, '--password', 'hunter2hunter2']))
    const { code, what, why, try: attempt } = error({ name })
    expect(code).toBe('target-ambiguous')
    expect(what).toBe(`7 processes fit --name ${name}`)
    for (const pid of pids) expect(why).toContain(`${pid} (parent ${process.pid}) `)
    expect(why).not.toContain('hunter2')
    expect(why).not.toMatch(/…$/)
    expect(attempt).toBe(`holdup attach ${pids[0]}`)
  })

  it.skipIf(!isRoot)('of several it means the one that this user may look into (needs root)', async () => {
    const name = uniqueName()
    const file = script(IDLE, name)
    await startProcess([process.execPath, file])
    const pid = await startProcess(['setpriv', '--reuid', '65534', '--clear-groups', process.execPath, file], 'node')
    expect(error({ name }).code).toBe('target-ambiguous')
    expect(asNobody(() => findTarget({ name }))).toBe(pid)
  })
})

describe.each([{ port: 80 }, { name: 'server' }])('without /proc %o', (selector) => {
  it('says that it needs it', () => {
    process.env['HOLDUP_NO_PROC'] = '1'
    expect(error(selector as Selector)).toMatchObject({
      code: 'needs-proc',
      why: 'HOLDUP_NO_PROC=1 switches /proc off',
      try: expect.stringMatching(/^env -u HOLDUP_NO_PROC holdup attach --(port 80|name server)$/),
    })
  })
})
