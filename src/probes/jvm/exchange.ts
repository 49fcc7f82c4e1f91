import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Milliseconds } from '../../units.ts'
import { processFacts } from '../../targets/process-facts.ts'
import { removeStaleFolders } from '../../targets/stale-folders.ts'
import { tmpOf } from './attach-socket.ts'
import { jfrSettings } from './settings.ts'

const PREFIX = 'holdup-jvm-'
/** A holdup that lives writes there far more often. */
const STALE_AFTER_MS: Milliseconds = 300_000

/** A folder in the /tmp that a JVM sees, of its own user, through which its recordings come. */
export class Exchange {
  /** As holdup sees it, and as the JVM does. */
  readonly outer: string
  readonly inner: string

  /** @throws Error where it cannot be made, as in a container without a /tmp that holdup may write to. */
  constructor(pid: number) {
    const root = `/proc/${pid}/root`
    const facts = processFacts(pid)
    if (!facts) throw new Error('it is gone')
    removeStaleFolders(tmpOf(pid), PREFIX, () => STALE_AFTER_MS)
    // By the JVM's own path as far as that is holdup's too: when the JVM is gone its root is.
    const base = facts.otherNamespaces?.includes('mnt') === false ? '' : root
    this.outer = fs.mkdtempSync(`${base}/tmp/${PREFIX}`)
    this.inner = this.outer.slice(base.length)
    fs.writeFileSync(this.#settings, jfrSettings())
    if (process.geteuid?.() === 0)
      for (const path of [this.#settings, this.outer]) fs.chownSync(path, facts.uid, facts.gid)
  }

  /** Of the JVM's, as it sees it. */
  get settings(): string {
    return join(this.inner, 'holdup.jfc')
  }

  get #settings(): string {
    return join(this.outer, 'holdup.jfc')
  }

  close(): void {
    fs.rmSync(this.outer, { recursive: true, force: true })
  }
}
