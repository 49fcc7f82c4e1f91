import { readFile } from 'node:fs/promises'
import { HoldupError } from '../errors.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
}
/** What a wrong line shows of itself in an error. */
const SHOWN_CHARACTERS = 80

/**
 * The paths of `--requests-from`: one a line, each beginning with `/`; blank lines are left out.
 * @throws {HoldupError} `file-not-readable`, or `load-failed` when it has no path, or a line that is none.
 */
export async function readRequestsFile(file: string): Promise<string[]> {
  const lines = (await read(file)).split('\n').map((line) => line.trim())
  const wrong = lines.findIndex((line) => line !== '' && !line.startsWith('/'))
  if (wrong !== -1) {
    const shown = JSON.stringify(lines[wrong]?.slice(0, SHOWN_CHARACTERS))
    throw failed(`${file}:${wrong + 1} is not a path that begins with "/": ${shown}`)
  }
  const paths = lines.filter((line) => line !== '')
  if (paths.length === 0) throw failed(`${file} holds no path`)
  return paths
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new HoldupError('file-not-readable', { path: file, reason: REASONS[code ?? ''] ?? message })
  }
}

function failed(reason: string): HoldupError {
  return new HoldupError('load-failed', { reason })
}
