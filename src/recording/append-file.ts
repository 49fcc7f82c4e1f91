import { open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Bytes } from '../units.ts'

/** A file that only grows, or is replaced as a whole. */
export class AppendFile {
  readonly path: string
  /** What was written whole. */
  size: Bytes = 0
  #handle: FileHandle

  private constructor(path: string, handle: FileHandle) {
    this.path = path
    this.#handle = handle
  }

  /** An empty file. */
  static async create(path: string): Promise<AppendFile> {
    return new AppendFile(path, await open(path, 'w'))
  }

  /** Writes all of `bytes`, or on an error none: the file then ends where it did before. */
  async append(bytes: Uint8Array): Promise<void> {
    let written = 0
    try {
      while (written < bytes.length) {
        const rest = bytes.subarray(written)
        written += (await this.#handle.write(rest, 0, rest.length, this.size + written)).bytesWritten
      }
    } catch (error) {
      await this.#handle.truncate(this.size).catch(() => {})
      throw error
    }
    this.size += written
  }

  async sync(): Promise<void> {
    await this.#handle.datasync()
  }

  /** Takes the place of `other` under its path; `other` is not to be used any more. */
  async replace(other: AppendFile): Promise<AppendFile> {
    await this.sync()
    await rename(this.path, other.path)
    await other.close()
    const replaced = new AppendFile(other.path, this.#handle)
    replaced.size = this.size
    return replaced
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async remove(): Promise<void> {
    await this.close().catch(() => {})
    await rm(this.path, { force: true }).catch(() => {})
  }
}
