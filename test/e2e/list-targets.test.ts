import { describe, expect, it } from 'vitest'
import type { Attachable, AttachableTarget } from '../../src/targets/attachable.ts'
import { freePort } from '../../src/cli/free-port.ts'
import { runCli } from '../support/cli.ts'
import { startScript, stateOf, until } from '../support/process.ts'
import { AS_NOBODY, openToAll, runAsNobody, startProcess } from '../support/targets.ts'

const LISTENS = `
  import { createServer } from 'node:http'
  createServer().listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'))
`
const IDLE = `console.log('ready'); setInterval(() => {}, 1000)`

async function targets(): Promise<AttachableTarget[]> {
  const { code, stdout, stderr } = await runCli(['list', '--targets', '--json'])
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return (JSON.parse(stdout) as Attachable).targets
}

describe('holdup list --targets', () => {
  it('shows Node servers with their ports and that the agent sees them, before what listens nowhere', async () => {
    const port = await freePort()
    const idle = await startScript(IDLE)
    const server = await startScript(LISTENS, [String(port), '--api-key', 'sk-hunter2hunter2hunter2'])
    const all = await targets()
    const [one, other] = [server, idle].map(({ pid }) => all.findIndex((each) => each.pid === pid))
    expect(all[one ?? -1]).toMatchObject({
      runtime: 'node',
      ports: [port],
      sees: 'agent',
      lacks: null,
      ppid: process.pid,
    })
    expect(all[other ?? -1]).toMatchObject({ runtime: 'node', ports: [], sees: 'agent' })
    expect(one).toBeLessThan(other ?? -1)
    expect(all[one ?? -1]?.threads).toBeGreaterThan(4)
    expect(JSON.stringify(all)).not.toContain('hunter2')
  })

  it('shows other programs by what /proc tells of them, and says why of a Node without the agent', async () => {
    const native = await startProcess(['sleep', '60'])
    const stopped = await startScript(IDLE)
    process.kill(stopped.pid, 'SIGSTOP')
    await until(() => stateOf(stopped.pid) === 'T')
    const all = await targets()
    expect(all.find(({ pid }) => pid === native)).toMatchObject({
      runtime: 'native',
      sees: 'native signals',
      lacks: null,
    })
    expect(all.find(({ pid }) => pid === stopped.pid)).toMatchObject({
      runtime: 'node',
      state: 'T',
      sees: 'native signals',
      lacks: 'it is stopped',
    })
  })

  it('shows no shell, no kernel thread, neither itself nor what is above it', async () => {
    const shell = await startProcess(['sh', '-c', 'sleep 60; true'])
    const pids = new Set((await targets()).map(({ pid }) => pid))
    expect(pids).not.toContain(shell)
    expect(pids).not.toContain(process.pid)
    expect(pids).not.toContain(process.ppid)
    expect(pids).not.toContain(2)
  })

  it('is a table of 80 columns that begins with one sentence, free of control codes', async () => {
    const port = await freePort()
    const server = await startScript(LISTENS, [String(port), `\u001b[31m${'größer 🐢 '.repeat(20)}`])
    const { code, stdout } = await runCli(['list', '--targets'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^holdup can attach to \d+ process(es)? here, \d+ of them with its Node agent\.\n\n/)
    expect(stdout).toMatch(new RegExp(`^ +${server.pid} +node +\\d+ +${port} +agent +node /tmp/`, 'm'))
    expect(stdout).not.toContain('\u001b')
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it.skipIf(!openToAll())(
    'to another user shows what is theirs, names the Node servers that are not, counts the rest (needs root)',
    async () => {
      const port = await freePort()
      const server = await startScript(LISTENS, [String(port)])
      await startProcess(['sleep', '60'])
      const own = await startProcess([...AS_NOBODY, 'sleep', '60'], 'sleep')
      const json = await runAsNobody(['list', '--targets', '--json'])
      const { targets, others } = JSON.parse(json.stdout) as Attachable
      expect(targets.find(({ pid }) => pid === own)).toMatchObject({ sees: 'native signals', uid: 65_534 })
      expect(targets.find(({ pid }) => pid === server.pid)).toMatchObject({ sees: 'no', lacks: 'root', ports: [] })
      expect(others).toBeGreaterThanOrEqual(1)
      const { stdout } = await runAsNobody(['list', '--targets'])
      expect(stdout).toMatch(new RegExp(`^ +${server.pid} +node +\\d+ +no: root +node `, 'm'))
      expect(stdout.replaceAll('\n', ' ')).toMatch(
        /Root would see \d+ more process(es)? of other users: sudo holdup list --targets/,
      )
    },
  )

  it('says that it needs /proc', async () => {
    const { code, stderr } = await runCli(['list', '--targets'], { env: { HOLDUP_NO_PROC: '1' } })
    expect(code).toBe(2)
    expect(stderr).toBe(
      'error: holdup list --targets needs /proc\nwhy: HOLDUP_NO_PROC=1 switches /proc off\ntry: ps -A\n',
    )
  })

  it('leaves the list of anti-patterns as it was', async () => {
    const { stdout } = await runCli(['list', '--json'])
    expect((JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)).toContain('global-mutex')
  })
})
