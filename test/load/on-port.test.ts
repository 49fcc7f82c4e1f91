import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runOnPort } from '../../src/load/on-port.ts'

test('the command has $PORT; its exit code comes back', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'holdup-')), 'port')
  expect(await runOnPort(`printf "%s" $PORT > ${file}; exit 3`, 8123).ended).toBe(3)
  expect(readFileSync(file, 'utf8')).toBe('8123')
})

test('stop ends it and what it started; again is harmless', async () => {
  const command = runOnPort('sleep 30 & sleep 30', 8123)
  setTimeout(command.stop, 100)
  expect(await command.ended).toBe(128 + 15)
  command.stop()
})
