import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Bytes } from '../../../units.ts'
import { type ChunkHeader, readChunkHeader } from './chunk.ts'

const HEADER_BYTES: Bytes = 68
/** The JVM begins a new one at 12 MB. */
const LARGEST: Bytes = 64 << 20

export interface RawChunk {
  header: ChunkHeader
  data: Buffer
}

/**
 * The chunks of a file, one at a time in memory; those whose start is in `seen` are left out, the others are added: recordings that
 * overlap share them. Null where one is cut off or far too large.
 */
export async function* readChunks(path: string, seen: Set<bigint>): AsyncGenerator<RawChunk | null> {
  // Its folder is the target's: what lies there may be a link to elsewhere, or a pipe that nobody writes to.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    const size = stat.isFile() ? stat.size : 0
    for (let at = 0; at < size;) {
      const head = Buffer.alloc(HEADER_BYTES)
      await file.read(head, 0, HEADER_BYTES, at)
      const header = readChunkHeader(head)
      if (!header || header.bytes < HEADER_BYTES || header.bytes > Math.min(size - at, LARGEST)) {
        yield null
        return
      }
      if (!seen.has(header.startNanos)) {
        seen.add(header.startNanos)
        const data = Buffer.alloc(header.bytes)
        await file.read(data, 0, header.bytes, at)
        yield { header, data }
      }
      at += header.bytes
    }
  } finally {
    await file.close()
  }
}
