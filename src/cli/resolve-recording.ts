import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HoldupError } from '../errors.ts'

const NAMES = ['recording.ndjson.gz', 'recording.ndjson']

/** The recording at a path, or in the folder at it. Throws HoldupError `recording-not-found`. */
export function resolveRecording(given: string): string {
  const path = resolve(given)
  if (!existsSync(path)) throw new HoldupError('recording-not-found', { path: given })
  if (!statSync(path).isDirectory()) return path
  const name = NAMES.find((candidate) => existsSync(join(path, candidate)))
  if (!name) throw new HoldupError('recording-not-found', { path: given, reason: `the folder holds no ${NAMES[1]}` })
  return join(path, name)
}
