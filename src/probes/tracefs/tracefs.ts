import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MOUNTS = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing']
/** The inode of the first pid namespace, PROC_PID_INIT_INO of the kernel's proc_ns.h. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]'

/** Why this process may not trace; null where nothing speaks against it before it is tried. */
export function whyNoTracefs(): string | null {
  if (process.platform !== 'linux') return `there is no tracefs on ${process.platform}`
  if (process.geteuid?.() !== 0) return 'it needs root'
  if (!/\ttracefs$/m.test(textOf('/proc/filesystems'))) return 'this kernel has no tracefs'
  if (readlinkSync('/proc/self/ns/pid') !== FIRST_PID_NAMESPACE)
    return "the kernel traces threads by the ids of the host's pid namespace, and holdup runs in another (docker run --pid host)"
  return null
}

/**
 * The kernel's tracefs: as it is mounted, else a mount of our own that has no path any more and ends with this process, so that
 * nothing is left of it however that ends.
 */
export class Tracefs {
  /** Where it can be read and written. */
  readonly path: string
  readonly #fd: number | null

  private constructor(path: string, fd: number | null) {
    this.path = path
    this.#fd = fd
  }

  /** Throws where it is not permitted. */
  static open(): Tracefs {
    const mounted = MOUNTS.find((path) => existsSync(join(path, 'instances')))
    if (mounted !== undefined) return new Tracefs(mounted, null)
    const folder = mkdtempSync(join(tmpdir(), 'holdup-tracefs-'))
    try {
      execFileSync('mount', ['-t', 'tracefs', 'tracefs', folder], { stdio: 'pipe' })
      try {
        const fd = openSync(folder, 'r')
        return new Tracefs(`/proc/self/fd/${fd}`, fd)
      } finally {
        execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' })
      }
    } finally {
      rmdirSync(folder)
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
