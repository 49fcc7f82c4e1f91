import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ReportSet } from '../compare/sets.ts'
import { HoldupError } from '../errors.ts'
import { readRecording } from '../recording/read.ts'
import { locateRecording } from '../recording/source.ts'
import { reportOn } from './write-report.ts'

/**
 * The reports of recordings: each a file, the folder of one, or a folder of several such folders, which are taken in the
 * order of their beginning. Named after the folder where there is only one.
 * @throws {HoldupError} as `readRecording`.
 */
export async function readSet(given: readonly string[], name: string): Promise<ReportSet> {
  const read: { startedAt: number; report: ReportSet['reports'][number]; file: string }[] = []
  for (const path of given) {
    const inside = await recordingsAt(path)
    const runs: typeof read = []
    for (const file of inside) {
      const recording = await readRecording(file)
      runs.push({ startedAt: recording.header.startedAt, report: reportOn(recording).report, file: recording.file })
    }
    read.push(...runs.toSorted((a, b) => a.startedAt - b.startedAt))
  }
  const [only] = given
  const whole = given.length === 1 && only !== undefined
  const folder = read.length === 1 ? dirname(resolve(read[0]?.file ?? '')) : resolve(only ?? '')
  return { name: whole ? basename(folder) : name, reports: read.map(({ report }) => report) }
}

/** The recording there, or those in the folders right below it. */
async function recordingsAt(path: string): Promise<string[]> {
  try {
    return [await locateRecording(path)]
  } catch (error) {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name))
    const found = await Promise.all(folders.map((folder) => locateRecording(folder).catch(() => null)))
    const files = found.filter((file) => file !== null)
    if (files.length === 0 || !(error instanceof HoldupError)) throw error
    return files
  }
}
