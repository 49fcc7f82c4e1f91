import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRequestsFile } from '../../src/load/requests-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdup-'))

function file(text: string, name = 'paths.txt'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('one path a line, in their order; blank lines and line ends of any system', async () => {
  expect(await readRequestsFile(file('/a\r\n\n/search?q=b%20c\n /a \n'))).toEqual(['/a', '/search?q=b%20c', '/a'])
})

test.each([
  ['empty', file('\n\n', 'empty.txt'), 'load-failed', /holds no path/],
  ['missing', join(folder, 'nowhere.txt'), 'file-not-readable', /there is no such file/],
  ['a folder', folder, 'file-not-readable', /it is a folder/],
])('%s: %s', async (_name, path, code, why) => {
  const error: unknown = await readRequestsFile(path).catch((error: unknown) => error)
  expect(error).toMatchObject({ code })
  expect(JSON.stringify(error) + String(error)).toMatch(why)
})

test('a line that is no path is shown with its number', async () => {
  const error: unknown = await readRequestsFile(file('/a\nhttp://host/b\n')).catch((error: unknown) => error)
  expect(JSON.stringify(error) + String(error)).toMatch(/paths\.txt:2 is not a path/)
})
