import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { createGunzip, constants } from 'node:zlib'
import { HoldupError } from '../errors.ts'
import { formatBytes } from '../units.ts'
import type { Bytes } from '../units.ts'

/** The plain file first: beside a compressed one it is the newer, for it is removed when that is complete. */
const NAMES = ['recording.ndjson', 'recording.ndjson.gz']
const CHUNK_BYTES = 256 << 10
/** Where compressed data is damaged, zlib gives nothing of the piece that the damage is in. */
const COMPRESSED_CHUNK_BYTES = 16 << 10
/** Of the memory this process may use: the rest is for what is derived from the recording. */
const HEAP_SHARE = 0.5
const HEAP_CHECK_BYTES = 2 << 20

/**
 * The file of a recording: `path` itself, or the one in the folder at `path`.
 * @throws {HoldupError} `recording-not-found`, `recording-not-readable` or `recording-not-a-recording`.
 */
export async function locateRecording(path: string): Promise<string> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new HoldupError('recording-not-found', { path })
    throw notReadable(path, error)
  })
  if (found.isFile()) return path
  if (!found.isDirectory()) {
    throw new HoldupError('recording-not-a-recording', { path, reason: 'it is neither a file nor a folder' })
  }
  for (const name of NAMES) {
    const file = join(path, name)
    if (
      await stat(file).then(
        (inside) => inside.isFile(),
        () => false,
      )
    )
      return file
  }
  throw new HoldupError('recording-not-found', { path, reason: `the folder holds no ${NAMES[0]}` })
}

/**
 * Gives `onChunk` the contents, decompressed where they are gzip, until they end, `maxBytes` or the memory is reached, or
 * `onChunk` says why to stop.
 * @returns why not all was given, or null. Rejects with what `onChunk` throws, or HoldupError `recording-not-readable`.
 */
export async function readContents(
  path: string,
  maxBytes: Bytes,
  onChunk: (chunk: Buffer) => string | null,
): Promise<string | null> {
  const compressed = await isGzip(path)
  const file = createReadStream(path, { highWaterMark: compressed ? COMPRESSED_CHUNK_BYTES : CHUNK_BYTES })
  // A cut-off gzip gives what it holds instead of an error.
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH })
  const contents = compressed ? file.pipe(gunzip) : file
  let bytes = 0
  let checkAt = HEAP_CHECK_BYTES
  try {
    // Not `for await`: that would lose what was decompressed ahead of damage.
    return await new Promise((resolve, reject) => {
      const take = (chunk: Buffer): string | null => {
        const stop = onChunk(bytes + chunk.length > maxBytes ? chunk.subarray(0, maxBytes - bytes) : chunk)
        bytes += chunk.length
        const full = bytes > maxBytes || (bytes > checkAt && heapIsFull())
        if (bytes > checkAt) checkAt += HEAP_CHECK_BYTES
        if (stop !== null || !full) return stop
        return `only the first ${formatBytes(Math.min(bytes, maxBytes))} were read, it holds more than fits in memory`
      }
      file.on('error', (error) => reject(notReadable(path, error)))
      if (compressed) gunzip.on('error', () => resolve('its compressed data is damaged'))
      contents.on('data', (chunk: Buffer) => {
        try {
          const stop = take(chunk)
          if (stop === null) return
          resolve(stop)
        } catch (error) {
          reject(error)
        }
        contents.destroy()
      })
      contents.on('end', () => resolve(null))
    })
  } finally {
    file.destroy()
    gunzip.destroy()
  }
}

function heapIsFull(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return used > limit * HEAP_SHARE
}

async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path).catch((error: unknown) => {
    throw notReadable(path, error)
  })
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
  } finally {
    await handle.close()
  }
}

function notReadable(path: string, error: unknown): HoldupError {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : message
  return new HoldupError('recording-not-readable', { path, reason }, { cause: error })
}
