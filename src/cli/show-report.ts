import { renderJson } from '../report/json.ts'
import { relative } from 'node:path'
import { supportsColor, supportsColorStderr } from 'chalk'
import type { Severity } from '../detectors/detector.ts'
import type { Report } from '../report/model.ts'
import { renderTerminal } from '../report/terminal.ts'

export const SEVERITIES = ['info', 'warning', 'critical'] as const satisfies readonly Severity[]

/** The report on a terminal, or as JSON on stdout; then where the rest of it is. */
export function showReport(
  report: Report,
  folder: string,
  { json, to }: { json: boolean; to: NodeJS.WriteStream },
): void {
  if (json) {
    process.stdout.write(renderJson(report))
    return
  }
  to.write(`\n${renderTerminal(report, terminalOf(to))}\n`)
  to.write(`Report: ${relative(process.cwd(), folder) || '.'}/report.html (also .md, .json)\n`)
}

/** Colour and width of a stream. */
export function terminalOf(stream: NodeJS.WriteStream): { colour: boolean; columns: number } {
  const colour = Boolean(stream === process.stdout ? supportsColor : supportsColorStderr)
  return { colour, columns: Math.min(stream.columns ?? 80, 80) }
}

/** 1 when a finding is at or over `failOn`, else 0. */
export function exitCodeFor(report: Report, failOn: Severity | undefined): 0 | 1 {
  if (failOn === undefined) return 0
  const least = SEVERITIES.indexOf(failOn)
  const reached = report.results.some(({ findings }) =>
    findings.some(({ severity }) => SEVERITIES.indexOf(severity) >= least),
  )
  return reached ? 1 : 0
}
