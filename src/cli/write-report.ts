import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { analyse } from '../analysis/analyse.ts'
import type { Span } from '../analysis/window.ts'
import { runDetectors } from '../detectors/run.ts'
import { readRecording } from '../recording/read.ts'
import type { Recording } from '../recording/read.ts'
import { writeError } from '../recording/write-error.ts'
import { buildReport } from '../report/build.ts'
import { renderHtml } from '../report/html/render.ts'
import { renderJson } from '../report/json.ts'
import { renderMarkdown } from '../report/markdown.ts'
import type { Report } from '../report/model.ts'
import { cpuProfileName, threadProfiles } from './thread-profiles.ts'
import { VERSION } from './version.ts'

/** Reads a recording, diagnoses it and writes `report.json`, `.html`, `.md` and the CPU profiles into the folder. */
export async function writeReport(path: string, folder: string, span?: Span): Promise<Report> {
  const recording = await readRecording(path)
  const { report, profiles } = reportOn(recording, span)
  try {
    mkdirSync(join(folder, 'stacks'), { recursive: true })
    for (const { file, text } of profiles) writeFileSync(join(folder, file), text)
    writeFileSync(join(folder, 'report.json'), renderJson(report))
    writeFileSync(join(folder, 'report.html'), renderHtml(report))
    writeFileSync(join(folder, 'report.md'), renderMarkdown(report))
  } catch (error) {
    throw writeError(folder, error)
  }
  return report
}

/** The report on a recording, and the CPU profiles that belong beside it. */
export function reportOn(
  recording: Recording,
  span?: Span,
): { report: Report; profiles: { file: string; text: string }[] } {
  const analysis = analyse(recording, span)
  const results = runDetectors(analysis.signals)
  const profiles = cpuProfiles(recording)
  const report = buildReport({
    recording: { ...recording, file: basename(recording.file) },
    analysis,
    results,
    stacks: profiles.map(({ text: _text, ...profile }) => profile),
    generated: { at: new Date().toISOString(), holdup: VERSION },
  })
  return { report, profiles }
}

/** One .cpuprofile a thread. */
function cpuProfiles(recording: Recording): (Report['stacks'][number] & { text: string })[] {
  return [...threadProfiles(recording)].map(({ pid, tid, group, profile }) => ({
    name: `cpu ${group}`,
    file: `stacks/${cpuProfileName({ pid, tid })}`,
    pid,
    tid,
    group,
    text: JSON.stringify(profile),
  }))
}
