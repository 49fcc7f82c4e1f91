import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** NDJSON shrinks to a tenth at any level; the higher ones take three times as long for a few percent. */
const LEVEL = 3

/**
 * Compresses the file to `path`.gz and removes it once that is complete and on disk.
 * @returns the path of the compressed file; rejects, and leaves the plain file alone, when it can't be written.
 */
export async function compressFile(path: string): Promise<string> {
  const [part, compressed] = [`${path}.gz.part`, `${path}.gz`]
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      createGzip({ level: LEVEL, chunkSize: 256 << 10 }),
      createWriteStream(part),
    )
    await syncFile(part)
    await rename(part, compressed)
  } catch (error) {
    await rm(part, { force: true }).catch(() => {})
    throw error
  }
  await rm(path, { force: true })
  return compressed
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
