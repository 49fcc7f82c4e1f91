import { closeSync, lstatSync, readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { HoldupError } from '../../errors.ts'
import { FIFO, FifoFolder, type Owner, PREFIX, STOP } from './fifo-folder.ts'
import { type FifoPlace, OWN_PLACE } from './fifo-place.ts'

/** A holdup that has just made its folder has not opened the FIFO yet. */
const STALE_AFTER_MS = 60_000

/** A FIFO in a folder of its owner's alone, read without blocking. */
export class Fifo {
  /** As the target sees it. */
  readonly path: string
  readonly #folder: FifoFolder
  readonly #socket: Socket
  #closed = false

  /** Throws HoldupError `mkfifo-missing` where the system can't make one. */
  constructor(onData: (chunk: Buffer) => void, place: FifoPlace = OWN_PLACE) {
    const { folder, fd } = make(place)
    this.#folder = folder
    this.path = join(this.#folder.path, FIFO).slice(place.root.length)
    this.#socket = new Socket({ fd, readable: true, writable: false })
    this.#socket.on('data', onData)
    this.#socket.on('error', () => {})
    this.#socket.unref()
  }

  /** Tells the agents that the recording ends, unless the target's user or his file system prevents it. */
  askToStop(): void {
    try {
      this.#folder.putStop()
    } catch {
      // An attach takes out by other means who does not hear of it.
    }
  }

  /** Closes it and takes the folder away; an agent that still writes sees that nobody reads. Twice is no harm. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.destroy()
    try {
      this.#folder.remove()
    } catch {
      // Its file system has gone, or somebody else has taken it away.
    }
    this.#folder.close()
  }
}

/** In the first folder where the system can make one. Open for writing too: else the first agent to leave would end the stream. */
function make({ root, folders, owner }: FifoPlace): { folder: FifoFolder; fd: number } {
  const reasons = []
  for (const folder of folders) {
    const base = root + folder
    sweep(base, owner)
    try {
      // A link of the target's would lead to another folder of holdup's.
      if (root !== '' && !lstatSync(base).isDirectory()) throw new Error(`${base} is no folder`)
      const folder = FifoFolder.make(base, owner)
      return { folder, fd: folder.openFifo('read and write') }
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  throw new HoldupError('mkfifo-missing', { reason: reasons.join('; ') })
}

/** Takes away what a holdup that was killed left behind of this user: a FIFO that nobody reads, or a folder without one. */
function sweep(base: string, owner: Owner | null): void {
  for (const name of listed(base)) {
    if (!name.startsWith(PREFIX)) continue
    let folder
    try {
      folder = new FifoFolder(join(base, name), owner, owner?.uid ?? process.geteuid?.())
      if (isLeft(folder)) folder.remove()
    } catch {
      // Somebody else's, or gone by now.
    }
    folder?.close()
  }
}

function isLeft(folder: FifoFolder): boolean {
  const files = folder.list()
  if (files.some((name) => name !== FIFO && name !== STOP) || Date.now() - folder.changedAt() < STALE_AFTER_MS)
    return false
  if (!files.includes(FIFO)) return true
  try {
    closeSync(folder.openFifo('write'))
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENXIO'
  }
}

function listed(base: string): string[] {
  try {
    return readdirSync(base)
  } catch {
    return []
  }
}
