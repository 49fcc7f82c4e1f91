import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HoldupError } from '../../errors.ts'

/** A FIFO in a folder of its owner's alone, read without blocking. */
export class Fifo {
  readonly path: string
  readonly #folder: string
  readonly #socket: Socket

  /** Throws HoldupError `mkfifo-missing` where the system can't make one. */
  constructor(onData: (chunk: Buffer) => void) {
    this.#folder = fs.mkdtempSync(join(tmpdir(), 'holdup-'))
    this.path = join(this.#folder, 'agent')
    const made = spawnSync('mkfifo', ['-m', '600', this.path], { encoding: 'utf8' })
    if (made.status !== 0) {
      fs.rmSync(this.#folder, { recursive: true, force: true })
      throw new HoldupError('mkfifo-missing', { reason: made.error?.message ?? made.stderr.trim() })
    }
    // Open for writing too: else the first agent to leave would end the stream.
    const fd = fs.openSync(this.path, fs.constants.O_RDWR | fs.constants.O_NONBLOCK)
    this.#socket = new Socket({ fd, readable: true, writable: false })
    this.#socket.on('data', onData)
    this.#socket.on('error', () => {})
    this.#socket.unref()
  }

  /** Tells the agents that the recording ends. */
  askToStop(): void {
    fs.writeFileSync(`${this.path}.stop`, '')
  }

  /** Closes it and takes the folder away; an agent that still writes sees that nobody reads. */
  close(): void {
    this.#socket.destroy()
    fs.rmSync(this.#folder, { recursive: true, force: true })
  }
}
