import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { RecordingWriter } from '../../src/recording/writer.ts'
import { temporaryFolder } from '../support/cli.ts'
import { HEADER } from './generate.ts'

export const END = { t: 1e9, reason: 'duration', exit: null, probes: [{ id: 'proc', cpuSeconds: 0.1, dropped: 0 }] }

/** Writes records as holdup does; the path of the finished recording. */
export async function writeRecording(records: readonly AnyRecord[]): Promise<string> {
  const writer = await RecordingWriter.open(join(temporaryFolder(), 'recording.ndjson'), HEADER)
  for (const record of records) writer.add(record)
  return writer.close(END)
}

/** Writes lines that no holdup would: a header, and what follows it as given. */
export function writeLines(lines: readonly (string | object)[], header: unknown = HEADER): string {
  const path = join(temporaryFolder(), 'recording.ndjson')
  const texts = [header, ...lines].map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  writeFileSync(path, `${texts.join('\n')}\n`)
  return path
}
