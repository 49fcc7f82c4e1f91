import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { isYoung, KnownProcesses, runsNode } from '../../src/probes/node/known-processes.ts'
import { until } from '../support/process.ts'

it('a process is known as long as it runs one program, and forgotten when it is gone', async () => {
  const child = spawn('sh', ['-c', 'read go; exec "$0" -e "setInterval(() => {}, 100)"', process.execPath])
  onTestFinished(() => void child.kill('SIGKILL'))
  const pid = child.pid ?? 0
  const processes = [{ pid, ppid: process.pid, command: 'sh' }]
  const known = new KnownProcesses()
  await until(() => known.get(pid)?.executable.includes('sh'))
  const [shell] = known.look(processes)
  expect(shell && runsNode(shell)).toBe(false)
  expect(known.look(processes)[0]?.known).toBe(shell?.known)
  child.stdin.write('\n')
  const node = await until(() => known.look(processes).find((each) => each.known !== shell?.known))
  expect(runsNode(node)).toBe(true)
  expect(isYoung(node.known)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(known.look(processes)).toEqual([])
})
