import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { removeStaleFolders } from '../../targets/stale-folders.ts'
import type { Bytes, Milliseconds, Ratio } from '../../units.ts'

const PREFIX = 'holdup-native-'
/** A folder that nobody has touched for so long is a dead holdup's; sooner if no process has the pid in its name. */
const STALE_AFTER_MS: Milliseconds = 60_000
const STALE_WITHOUT_PROCESS_MS: Milliseconds = 5000
const AGENT = 'agent.so'
/** While it is there, agents make no table and let none grow. */
const FULL = 'full'
/** What a place in memory must have free; in Docker it is 64 MB. */
const MEMORY_AT_LEAST: Bytes = 32 << 20
/** Of what was free at first, so much may the tables take: the target may need it too. */
const OF_FREE: Ratio = 0.25
/** What stat(2) counts in. */
const BLOCK: Bytes = 512
/** Others may put their own files here, and neither see nor remove those there are. */
const FOR_ALL_USERS = 0o1733

/**
 * Where agents put their tables: in memory where the system has a place for that, so that no disk makes the target wait. What root
 * launches may become another user, and fork or exec then.
 */
export class TableFolder {
  readonly path: string
  /** What all tables may take. */
  readonly #most: Bytes
  /** Where the agent lies, if that is another place. */
  readonly #others: string[] = []

  /** `most`: what the tables may take, if not a share of what is free. */
  constructor({ most }: { most?: Bytes } = {}) {
    const base = writable('/dev/shm') && freeIn('/dev/shm') >= MEMORY_AT_LEAST ? '/dev/shm' : tmpdir()
    this.#most = most ?? freeIn(base) * OF_FREE
    this.path = makeFolder(base)
  }

  /**
   * The agent by a path that every process of the target can load it by: the loader splits at spaces and colons. Null where no place for
   * files of ours may hold programs, as Docker's /dev/shm.
   */
  preloadable(agent: string): string | null {
    if (isLoadable(agent)) return agent
    for (const base of new Set([dirname(this.path), tmpdir(), '/var/tmp'])) {
      const copy = this.#copy(agent, base)
      if (copy !== null) return copy
    }
    return null
  }

  /** Paths of the tables there are. */
  list(): string[] {
    const names = readdirSync(this.path).filter((name) => name !== AGENT && name !== FULL)
    return names.map((name) => join(this.path, name))
  }

  /** Whether the tables take as much as they may; tells the agents. */
  limit(): boolean {
    const taken = this.list().reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.blocks ?? 0), 0)
    const isFull = taken * BLOCK > this.#most
    if (isFull) writeFileSync(join(this.path, FULL), '')
    else rmSync(join(this.path, FULL), { force: true })
    return isFull
  }

  /** Says that its holdup is alive. */
  touch(): void {
    const time = new Date()
    for (const path of [this.path, ...this.#others]) utimesSync(path, time, time)
  }

  /** Agents make no table any more. */
  remove(): void {
    for (const path of [this.path, ...this.#others]) rmSync(path, { recursive: true, force: true })
  }

  #copy(agent: string, base: string): string | null {
    try {
      const folder = base === dirname(this.path) ? this.path : makeFolder(base)
      if (folder !== this.path) this.#others.push(folder)
      const copy = join(folder, AGENT)
      copyFileSync(agent, copy)
      chmodSync(copy, 0o755)
      // Fails where it is mounted noexec.
      accessSync(copy, constants.X_OK)
      return isLoadable(copy) ? copy : null
    } catch {
      return null
    }
  }
}

/** Without end where the file system says nothing of its size. */
function freeIn(folder: string): Bytes {
  const { blocks, bavail, bsize } = statfsSync(folder)
  return blocks > 0 ? bavail * bsize : Infinity
}

function makeFolder(base: string): string {
  removeStaleFolders(base, PREFIX, staleAfter)
  const path = mkdtempSync(join(base, `${PREFIX}${process.pid}-`))
  if (process.getuid?.() === 0) chmodSync(path, FOR_ALL_USERS)
  return path
}

function isLoadable(path: string): boolean {
  return !/[\s:]/.test(path) && isForAllUsers(path)
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
