import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HoldupError } from '../../errors.ts'

const PREFIX = 'holdup-'
const NAME = 'agent'
/** A holdup that has just made its folder has not opened the FIFO yet. */
const STALE_AFTER_MS = 60_000

/** Where the target can open it. */
export interface FifoPlace {
  /** Of the target's file system, as holdup sees it: '' where both see the same. */
  root: string
  /** Who may open it, where the target is another user's. */
  owner: { uid: number; gid: number } | null
}

/** A FIFO in a folder of its owner's alone, read without blocking. */
export class Fifo {
  /** As the target sees it. */
  readonly path: string
  readonly #folder: string
  readonly #socket: Socket

  /** Throws HoldupError `mkfifo-missing` where the system can't make one. */
  constructor(onData: (chunk: Buffer) => void, { root, owner }: FifoPlace = { root: '', owner: null }) {
    const base = root === '' ? tmpdir() : '/tmp'
    sweep(root + base)
    this.#folder = fs.mkdtempSync(join(root + base, PREFIX))
    this.path = join(this.#folder, NAME).slice(root.length)
    const outer = root + this.path
    const made = spawnSync('mkfifo', ['-m', '600', outer], { encoding: 'utf8' })
    if (made.status !== 0) {
      fs.rmSync(this.#folder, { recursive: true, force: true })
      throw new HoldupError('mkfifo-missing', { reason: made.error?.message ?? made.stderr.trim() })
    }
    if (owner) for (const path of [outer, this.#folder]) fs.chownSync(path, owner.uid, owner.gid)
    // Open for writing too: else the first agent to leave would end the stream.
    const fd = fs.openSync(outer, fs.constants.O_RDWR | fs.constants.O_NONBLOCK)
    this.#socket = new Socket({ fd, readable: true, writable: false })
    this.#socket.on('data', onData)
    this.#socket.on('error', () => {})
    this.#socket.unref()
  }

  /** Tells the agents that the recording ends. */
  askToStop(): void {
    fs.writeFileSync(join(this.#folder, `${NAME}.stop`), '')
  }

  /** Closes it and takes the folder away; an agent that still writes sees that nobody reads. */
  close(): void {
    this.#socket.destroy()
    fs.rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Takes away what a holdup that was killed left behind: a FIFO that nobody reads, or a folder without one. */
function sweep(base: string): void {
  for (const name of fs.readdirSync(base)) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(base, name)
    try {
      const entries = fs.readdirSync(folder)
      const { mtimeMs } = fs.lstatSync(entries.length === 0 ? folder : join(folder, NAME))
      if (Date.now() - mtimeMs < STALE_AFTER_MS) continue
      if (entries.length === 0) fs.rmdirSync(folder)
      else if (fs.lstatSync(join(folder, NAME)).isFIFO())
        fs.closeSync(fs.openSync(join(folder, NAME), fs.constants.O_WRONLY | fs.constants.O_NONBLOCK))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENXIO') fs.rmSync(folder, { recursive: true, force: true })
    }
  }
}
