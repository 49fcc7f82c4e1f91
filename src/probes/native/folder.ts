import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { removeStaleFolders } from '../../targets/stale-folders.ts'
import type { Milliseconds } from '../../units.ts'

const PREFIX = 'holdup-native-'
/** A folder that nobody has touched for so long is a dead holdup's; sooner if no process has the pid in its name. */
const STALE_AFTER_MS: Milliseconds = 60_000
const STALE_WITHOUT_PROCESS_MS: Milliseconds = 5000
const AGENT = 'agent.so'
/** Others may put their own files here, and neither see nor remove those there are. */
const FOR_ALL_USERS = 0o1733

/**
 * Where agents put their tables: in memory where the system has a place for that, so that no disk makes the target wait. What root
 * launches may become another user, and fork or exec then.
 */
export class TableFolder {
  readonly path: string

  constructor() {
    const base = writable('/dev/shm') ? '/dev/shm' : tmpdir()
    removeStaleFolders(base, PREFIX, staleAfter)
    this.path = mkdtempSync(join(base, `${PREFIX}${process.pid}-`))
    if (process.getuid?.() === 0) chmodSync(this.path, FOR_ALL_USERS)
  }

  /** The agent by a path that every process of the target can load it by: the loader splits at spaces and colons. */
  preloadable(agent: string): string {
    if (!/[\s:]/.test(agent) && isForAllUsers(agent)) return agent
    const copy = join(this.path, AGENT)
    copyFileSync(agent, copy)
    chmodSync(copy, 0o755)
    return copy
  }

  /** Paths of the tables there are. */
  list(): string[] {
    const names = readdirSync(this.path).filter((name) => name !== AGENT)
    return names.map((name) => join(this.path, name))
  }

  /** Says that its holdup is alive. */
  touch(): void {
    const time = new Date()
    utimesSync(this.path, time, time)
  }

  /** Agents make no table any more. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** Whether each of its folders may be searched by all; of any path where only the user itself may become the target. */
function isForAllUsers(path: string): boolean {
  if (process.getuid?.() !== 0 || dirname(path) === path) return true
  const mode = statSync(path).mode
  return (mode & 0o1) === 0o1 && isForAllUsers(dirname(path))
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** In another pid namespace a holdup is there and not seen here: no process of the pid in the name does not suffice. */
function staleAfter(name: string): Milliseconds {
  return existsSync(`/proc/${Number.parseInt(name, 10)}`) ? STALE_AFTER_MS : STALE_WITHOUT_PROCESS_MS
}
