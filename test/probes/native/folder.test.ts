import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentFile } from '../../../src/probes/native/agent-file.ts'
import { TableFolder } from '../../../src/probes/native/folder.ts'
import { ROOT, temporaryFolder } from '../../support/cli.ts'

const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0
const TEMPORARY = ['/dev/shm', '/tmp', '/var/tmp']

test('tables that take too much are said to, until they do no more', () => {
  const folder = new TableFolder({ most: 100_000 })
  const table = join(folder.path, '1-2')
  writeFileSync(table, Buffer.alloc(50_000))
  expect(folder.limit()).toBe(false)
  writeFileSync(table, Buffer.alloc(200_000))
  expect(folder.limit()).toBe(true)
  expect(readdirSync(folder.path).toSorted()).toEqual(['1-2', 'full'])
  expect(folder.list()).toEqual([table])
  rmSync(table)
  expect(folder.limit()).toBe(false)
  expect(readdirSync(folder.path)).toEqual([])
  folder.remove()
})

test.skipIf(!canMount).each([
  [[], '/dev/shm'],
  [['/dev/shm'], '/tmp'],
  [['/dev/shm', '/tmp'], '/var/tmp'],
  [TEMPORARY, null],
])('an agent that must be copied, where %s may not hold programs', (noexec, expected) => {
  const folder = join(temporaryFolder(), 'with space')
  mkdirSync(folder)
  copyFileSync(agentFile() ?? '', join(folder, 'agent.so'))
  const mounts = noexec.map((path) => `mount --bind ${path} ${path} && mount -o remount,bind,noexec ${path} && `)
  const command = `${mounts.join('')}exec "$0" --import tsx ${join(ROOT, 'test/support/preload.ts')} "$1"`
  const { TMPDIR: _, ...env } = process.env
  const text = execFileSync('unshare', ['-rm', 'sh', '-c', command, process.execPath, join(folder, 'agent.so')], {
    env,
    encoding: 'utf8',
  })
  const { path, stderr } = JSON.parse(text) as { path: string | null; stderr: string }
  expect(stderr).toBe('')
  expect(path === null ? null : path.replace(/\/holdup-native-.*/, '')).toBe(expected)
})
