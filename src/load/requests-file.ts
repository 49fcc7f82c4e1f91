import { readFile } from 'node:fs/promises'
import { HoldupError } from '../errors.ts'

/**
 * The paths of `--requests-from`: one a line, each beginning with `/`; blank lines are left out.
 * @throws HoldupError `load-failed` when the file cannot be read, holds no path or a line that is none
 */
export async function readRequestsFile(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => fail(`cannot read ${file}`, error.message))
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const wrong = lines.findIndex((line) => line !== '' && !line.startsWith('/'))
  if (wrong !== -1) fail(`${file}:${wrong + 1} is not a path`, `it reads ${JSON.stringify(lines[wrong]?.slice(0, 80))}`)
  const paths = lines.filter((line) => line !== '')
  return paths.length > 0 ? paths : fail(`no paths in ${file}`, 'the file is empty')
}
