import { rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { HoldupError } from '../errors.ts'
import type { CpuProfile } from '../stacks/cpuprofile.ts'
import { withoutTags } from '../stacks/zero-x.ts'

const PEER = '0x'
const PAGE = 'flamegraph.html'

/** What we use of 0x's API: https://github.com/davidmarkclements/0x/blob/master/docs/api.md */
export type ZeroX = (options: {
  visualizeCpuProfile: string
  workingDir: string
  outputHtml: string
  title: string
}) => Promise<string>

/**
 * Has 0x draw a profile into `folder`.
 * @returns the page's path.
 * @throws {HoldupError} `peer-failed`, or what the file system says.
 */
export async function renderZeroX(zeroX: ZeroX, profile: CpuProfile, folder: string, title: string): Promise<string> {
  // Names within the folder: 0x puts them into its page, and replaces words such as {pid} in them.
  const name = `.holdup-${process.pid}.cpuprofile`
  const path = join(folder, PAGE)
  try {
    writeFileSync(join(folder, name), JSON.stringify(profile))
    rmSync(path, { force: true })
    const options = { visualizeCpuProfile: name, workingDir: resolve(folder), outputHtml: PAGE }
    await zeroX({ ...options, title: withoutTags(title) })
    statSync(path)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall ? error : failed(error)
  } finally {
    rmSync(join(folder, name), { force: true })
  }
  return path
}

/**
 * The 0x that is installed where the user is, else beside holdup: it is no dependency of holdup's.
 * @throws {HoldupError} `peer-missing`, or `peer-failed` when it can't be loaded.
 */
export function loadZeroX(cwd: string): ZeroX {
  for (const from of [join(cwd, 'package.json'), import.meta.url]) {
    const require = createRequire(from)
    const path = locate(require)
    if (path === null) continue
    try {
      return require(path) as ZeroX
    } catch (error) {
      throw failed(error)
    }
  }
  throw new HoldupError('peer-missing', { peer: PEER, neededFor: `--to ${PEER}`, folder: cwd })
}

function locate(require: NodeJS.Require): string | null {
  try {
    return require.resolve(PEER)
  } catch {
    return null
  }
}

function failed(error: unknown): HoldupError {
  const facts = { peer: PEER, reason: (error as Error).message, instead: `npm install --no-save ${PEER}@6` }
  return new HoldupError('peer-failed', facts, { cause: error })
}
