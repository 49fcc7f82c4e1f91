import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'

export const FIFO = 'agent'
export const STOP = 'agent.stop'
export const PREFIX = 'holdup-'
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants
const MAKE = `umask 077; folder=$(mktemp -d ${PREFIX}XXXXXX) && { mkfifo "$folder/${FIFO}" || ! rmdir "$folder"; } && echo "$folder"`

/** A user, by id. */
export interface Owner {
  uid: number
  gid: number
}

/**
 * The folder of a FIFO. That of another user's target is his, and he may put a link wherever he may write: so it is kept open rather than
 * looked for by its path, and what is made is made by a process of his.
 */
export class FifoFolder {
  readonly path: string
  readonly #owner: Owner | null
  readonly #uid: number | undefined
  readonly #fd: number
  /** A way to it that a change of its name does not lead astray. */
  readonly #inside: string

  /** Makes one with its FIFO in `base`; `owner`: another user than holdup's. Throws Error with what the system said. */
  static make(base: string, owner: Owner | null): FifoFolder {
    fs.statSync(base)
    return new FifoFolder(join(base, run(MAKE, base, owner).trim()), owner, owner?.uid)
  }

  /** Throws where it is a link, or not of user `uid`; some file systems give all files to one user of theirs. */
  constructor(path: string, owner: Owner | null, uid: number | undefined) {
    this.path = path
    this.#uid = uid
    this.#owner = owner
    this.#fd = fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    const inside = `/proc/self/fd/${this.#fd}`
    this.#inside = fs.existsSync(inside) ? inside : path
    if (!this.#isForeign(fs.fstatSync(this.#fd))) return
    this.close()
    throw new Error(`${path} is somebody else's`)
  }

  list(): string[] {
    return fs.readdirSync(this.#inside)
  }

  /** When the FIFO was made or the folder without one last changed, as of Date.now(). */
  changedAt(): number {
    const stat = this.list().includes(FIFO) ? fs.lstatSync(join(this.#inside, FIFO)) : fs.fstatSync(this.#fd)
    return stat.mtimeMs
  }

  /** Descriptor of the FIFO. `write` alone throws ENXIO where nobody reads it. */
  openFifo(as: 'read and write' | 'write'): number {
    const flags = (as === 'write' ? O_WRONLY : O_RDWR) | O_NONBLOCK | O_NOFOLLOW
    const fd = fs.openSync(join(this.#inside, FIFO), flags)
    const stat = fs.fstatSync(fd)
    if (stat.isFIFO() && !this.#isForeign(stat)) return fd
    fs.closeSync(fd)
    throw new Error(`another file is in the place of the FIFO of ${this.path}`)
  }

  /** Puts the file there at which the agents end. */
  putStop(): void {
    run(`: >${STOP}`, this.#inside, this.#owner)
  }

  /** Takes it away with the two files that it may hold. */
  remove(): void {
    for (const name of [FIFO, STOP]) fs.rmSync(join(this.#inside, name), { force: true })
    fs.rmdirSync(this.path)
  }

  close(): void {
    fs.closeSync(this.#fd)
  }

  #isForeign({ uid }: fs.Stats): boolean {
    return this.#uid !== undefined && uid !== this.#uid
  }
}

/** Runs a shell script in that folder as that user. Gives what it prints. */
function run(text: string, folder: string, owner: Owner | null): string {
  const { status, stdout, stderr, error } = spawnSync('/bin/sh', ['-c', text], {
    cwd: folder,
    encoding: 'utf8',
    ...owner,
  })
  if (status !== 0) throw new Error(error?.message ?? stderr.trim())
  return stdout
}
