import { accessSync, constants, lstatSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'holdup-native-'
/** A folder that nobody has touched for so long is a dead holdup's. */
const STALE_AFTER_MS = 60_000

/** Where agents put their tables: in memory where the system has a place for that, so that no disk makes the target wait. */
export class TableFolder {
  readonly path: string

  constructor() {
    const base = writable('/dev/shm') ? '/dev/shm' : tmpdir()
    sweep(base)
    this.path = mkdtempSync(join(base, PREFIX))
  }

  /** Paths of the tables there are. */
  list(): string[] {
    return readdirSync(this.path).map((name) => join(this.path, name))
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
    try {
      if (Date.now() - lstatSync(folder).mtimeMs > STALE_AFTER_MS) rmSync(folder, { recursive: true, force: true })
    } catch {
      // Another user's, or gone already.
    }
  }
}
