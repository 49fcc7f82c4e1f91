import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const PREFIX = 'holdup-native-'
/** A folder that nobody has touched for so long is a dead holdup's; sooner if no process has the pid in its name. */
const STALE_AFTER_MS = 60_000
const STALE_WITHOUT_PROCESS_MS = 5000
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
    sweep(base)
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

function sweep(base: string): void {
  for (const name of readdirSync(base)) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(base, name)
    // In another pid namespace its process is there and not seen here: so both must say it.
    const staleAfter = existsSync(`/proc/${Number.parseInt(name.slice(PREFIX.length), 10)}`)
      ? STALE_AFTER_MS
      : STALE_WITHOUT_PROCESS_MS
    try {
      if (Date.now() - lstatSync(folder).mtimeMs > staleAfter) rmSync(folder, { recursive: true, force: true })
    } catch {
      // Another user's, or gone already.
    }
  }
}
