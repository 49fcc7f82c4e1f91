/** Rights that suffice, and what is said where they do not. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startTarget, UNTOUCHED } from '../support/attach.ts'
import { CLI, temporaryFolder } from '../support/cli.ts'
import { AS_NOBODY, isRoot, openToAll } from '../support/targets.ts'

const LOOPBACK = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
const without = (right: string) => ['setpriv', '--bounding-set', `-${right}`]

/** `holdup attach` for 1 s with the rights that `wrap` leaves. */
function attachAs([wrap = '', ...args]: string[], pid: number): { stderr: string; status: number | null } {
  const folder = temporaryFolder()
  spawnSync('chmod', ['777', folder])
  const holdup = [process.execPath, CLI, 'attach', String(pid), '-d', '1s', '-o', join(folder, 'out')]
  return spawnSync(wrap, [...args, ...holdup], { encoding: 'utf8', cwd: folder })
}

it.skipIf(!openToAll()).each([
  ['a container of its own user', [...AS_NOBODY, 'unshare', '-Urn', ...LOOPBACK], AS_NOBODY],
  ['a mount namespace, by root without CAP_SYS_ADMIN', ['unshare', '--mount'], without('sys_admin')],
])('gets into %s (needs root)', async (_name, wrap, as) => {
  const target = await startTarget('', { wrap })
  const { stderr, status } = attachAs(as, target.pid)
  expect(status, stderr).toBe(0)
  expect(stderr).toContain(`pid ${target.pid}: its inspector was open`)
  expect(stderr).not.toContain('no agent')
  expect(await target.fresh()).toMatchObject(UNTOUCHED)
})

it.skipIf(!isRoot)('tells the root of a container what it lacks (needs root)', async () => {
  const target = await startTarget('', { wrap: AS_NOBODY })
  const { stderr, status } = attachAs(without('sys_ptrace'), target.pid)
  expect(status).toBe(2)
  expect(stderr).toContain('root lacks CAP_SYS_PTRACE here')
  expect(stderr).toContain(`try: docker exec -u 65534 … holdup attach ${target.pid}\n`)
})
