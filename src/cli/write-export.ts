import { accessSync, constants, createWriteStream, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { writeError } from '../recording/write-error.ts'

const BATCH_CHARACTERS = 1 << 16

/** Where an export goes, and the command to try when it can't be written there. */
export interface Destination {
  output: string | undefined
  instead: string
}

/**
 * Writes text to stdout (without `output`, or `-`), or to the file `output`, or as `name` into the folder `output`. A
 * reader of stdout that leaves early (`| head`) has what it wanted.
 * @returns the paths that were written; none for stdout.
 * @throws {HoldupError} `output-not-writable` or `disk-full`.
 */
export async function writeText(
  pieces: Iterable<string>,
  { output, instead }: Destination,
  name: string,
): Promise<string[]> {
  const source = Readable.from(batches(pieces))
  if (output === undefined || output === '-') {
    await pipeline(source, process.stdout, { end: false }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw fault('/dev/stdout', error, instead)
    })
    return []
  }
  try {
    const path = isFolder(output) ? join(output, name) : output
    mkdirSync(dirname(path), { recursive: true })
    await pipeline(source, createWriteStream(path))
    return [path]
  } catch (error) {
    throw fault(output, error, instead)
  }
}

/**
 * Gives `write` the folder `output`, by default `usual`, which is made where there is none.
 * @throws {HoldupError} `output-not-writable` or `disk-full`.
 */
export async function writeFolder(
  { output, instead }: Destination,
  usual: string,
  write: (folder: string) => string[] | Promise<string[]>,
): Promise<string[]> {
  const folder = output ?? usual
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK | constants.X_OK)
    return await write(folder)
  } catch (error) {
    throw fault(folder, error, instead)
  }
}

/** What the file system says is the user's to mend, any other error a bug of ours. */
function fault(path: string, error: unknown, instead: string): unknown {
  return (error as NodeJS.ErrnoException).syscall ? writeError(path, error, instead) : error
}

function isFolder(path: string): boolean {
  return path.endsWith('/') || (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)
}

/** Small pieces put together: one write each would be one system call each. */
function* batches(pieces: Iterable<string>): Generator<string> {
  let batch = ''
  for (const piece of pieces) {
    batch += piece
    if (batch.length < BATCH_CHARACTERS) continue
    yield batch
    batch = ''
  }
  if (batch !== '') yield batch
}
