import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../support/cli.ts'
import { AS_NOBODY, isRoot, startProcess } from '../support/targets.ts'

const FINDS = `
  import { findTarget } from ${JSON.stringify(pathToFileURL(join(ROOT, 'src/targets/find.ts')).href)}
  try { findTarget(JSON.parse(process.argv[1])) } catch (error) { console.log(JSON.stringify(error)) }
`

/** What findTarget says to another user where /proc is mounted with this hidepid. */
function asNobodyWith(hidepid: string, selector: object): unknown {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const node = [process.execPath, '--import', tsx, '--input-type=module', '-e', FINDS, JSON.stringify(selector)]
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `mount -t proc -o hidepid=${hidepid} proc /proc && exec "$@"`, 'sh', ...AS_NOBODY, ...node],
    { encoding: 'utf8', cwd: '/' },
  )
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe.skipIf(!isRoot).each(['1', '2'])(
  "where /proc hides other users' processes, hidepid=%s (needs root)",
  (hidepid) => {
    it('a pid is said to be hidden, not gone', async () => {
      const pid = await startProcess(['sleep', '60'])
      expect(asNobodyWith(hidepid, { pid })).toMatchObject({
        code: 'no-such-pid',
        why: "it is another user's, and /proc hides those here (hidepid)",
        try: `sudo holdup attach ${pid}`,
      })
    })

    it('a name that is not found is to be looked for as root', async () => {
      await startProcess(['sleep', '61'])
      expect(asNobodyWith(hidepid, { name: 'sleep 61' })).toMatchObject({
        code: 'no-such-name',
        why: expect.stringContaining('hidepid'),
        try: "sudo holdup attach --name 'sleep 61'",
      })
    })
  },
)
