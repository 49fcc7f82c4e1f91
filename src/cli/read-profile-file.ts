import { getHeapStatistics } from 'node:v8'
import { HoldupError, quoteArgument } from '../errors.ts'
import { LineSplitter } from '../recording/line-splitter.ts'
import { readContents } from '../recording/source.ts'
import { readCpuProfile } from '../stacks/read/cpuprofile.ts'
import { FoldedReader } from '../stacks/read/folded.ts'
import { readPprof } from '../stacks/read/pprof.ts'
import { ProfileError, type WeighedTree } from '../stacks/read/read-profile.ts'
import type { Bytes } from '../units.ts'

/** What is held as a whole; profiles of hours have some megabytes. */
const MOST_BYTES: Bytes = 128 << 20
/** Of the memory that this process may use, by byte of a JSON text: an object of nine bytes takes some three hundred. */
const HEAP_PER_JSON = 32
/** Collapsed stacks are read line by line. */
const MOST_FOLDED_BYTES: Bytes = 4 * 2 ** 30
const MOST_LINE_BYTES: Bytes = 1 << 20

interface Format {
  name: string
  endings: RegExp
  read: (path: string) => Promise<WeighedTree[]>
  /** Says what is wrong with such a file, or makes a sound one. */
  instead: (path: string) => string
}

const FORMATS: readonly Format[] = [
  {
    name: 'pprof',
    endings: /\.(pprof|prof|pb)(\.gz)?$/i,
    read: async (path) => readPprof(await wholeOf(path, MOST_BYTES)),
    instead: (path) => `go tool pprof -raw ${quoteArgument(path)}`,
  },
  {
    name: '.cpuprofile',
    endings: /\.cpuprofile(\.gz)?$/i,
    read: async (path) => readCpuProfile((await wholeOf(path, mostJson())).toString()),
    instead: () => 'node --cpu-prof server.js',
  },
  {
    name: 'collapsed stacks',
    endings: /\.(folded|collapsed)(\.gz)?$/i,
    read: readFolded,
    instead: (path) => `head -n 3 ${quoteArgument(path)}`,
  },
]

/** The format of a profile file by its name; null of what is none, as a recording is. */
export function profileFormat(path: string): Format | null {
  return FORMATS.find(({ endings }) => endings.test(path)) ?? null
}

/** Reads it. Throws HoldupError `profile-not-readable`, or `recording-not-readable` where the file is not. */
export async function readProfileFile(path: string, { name, read, instead }: Format): Promise<WeighedTree[]> {
  try {
    return await read(path)
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error
    throw new HoldupError('profile-not-readable', { path, format: name, reason: error.message, instead: instead(path) })
  }
}

function mostJson(): Bytes {
  return Math.min(MOST_BYTES, Math.floor(getHeapStatistics().heap_size_limit / HEAP_PER_JSON))
}

async function wholeOf(path: string, mostBytes: Bytes): Promise<Buffer> {
  const chunks: Buffer[] = []
  const cutOff = await readContents(path, mostBytes, (chunk) => {
    chunks.push(chunk)
    return null
  })
  if (cutOff !== null) throw new ProfileError(cutOff)
  if (chunks.length === 0) throw new ProfileError('it is empty')
  return Buffer.concat(chunks)
}

async function readFolded(path: string): Promise<WeighedTree[]> {
  const reader = new FoldedReader()
  const tooLong = () => reader.line('a line too long to be a stack')
  const lines = new LineSplitter(MOST_LINE_BYTES, (line) => reader.line(line), tooLong)
  const cutOff = await readContents(path, MOST_FOLDED_BYTES, (chunk) => {
    lines.push(chunk)
    return null
  })
  if (cutOff !== null) throw new ProfileError(cutOff)
  lines.push(Buffer.from('\n'))
  return reader.end()
}
