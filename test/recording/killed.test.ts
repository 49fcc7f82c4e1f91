import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import { temporaryFolder } from '../support/cli.ts'

/** Written every 250 ms, and a child on a busy machine may be late by a second more. */
const AGE_MS = 1300

test('killed -9 at any moment: all that is older than 1.3 s is in the file', async () => {
  const path = join(temporaryFolder(), 'recording.ndjson')
  const child = fileURLToPath(new URL('record-in-child.ts', import.meta.url))
  const recorder = spawn(process.execPath, ['--import', 'tsx', child, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let added = 0
  for await (const line of createInterface(recorder.stdout)) {
    added = Number(line)
    if (added > 3000) break
  }
  recorder.kill('SIGKILL')
  await once(recorder, 'exit')
  const { records, problems } = await readRecording(path)
  const times = records.flatMap((record) => (record.k === 'mark' ? record.t : []))
  expect(times.at(-1)).toBeGreaterThan(added - AGE_MS)
  expect(times.length).toBeGreaterThan(100)
  expect(problems).toMatchObject({ invalidLines: 0, cutOff: expect.stringContaining(' s in') })
})
