/** What the numbers are worth: what was not checked, the recording's quality, the probes. */
import { formatNumber, formatRatio } from '../../units.ts'
import type { Report } from '../model.ts'
import { notChecked, probeLines, recordingQuality } from '../quality.ts'
import { count } from '../quantity.ts'
import { entry, fit, wrap, type Page } from './page.ts'

const LABEL = 14

/** Detectors that gave no verdict, by what they lacked. */
export function uncheckedLines(page: Page, report: Report): string[] {
  const reasons = new Map<string, string[]>()
  for (const { id, reason } of notChecked(report)) reasons.set(reason, [...(reasons.get(reason) ?? []), id])
  if (reasons.size === 0) return []
  const lines = [...reasons].flatMap(([reason, ids]) =>
    entry(page, '', `${ids.join(', ')} (${reason})`, { indent: 2, label: 0 }),
  )
  return [page.ink.bold('Not checked'), ...lines, page.ink.dim('  holdup doctor says what this machine could measure')]
}

/** The recording and the probes with their fidelity and cost. */
export function recordingLines(page: Page, report: Report): string[] {
  const facts = recordingQuality(report)
  const at = { indent: 0, label: LABEL }
  const sound = facts.filter((fact) => fact.sound).map(({ text }) => text)
  const unsound = facts.filter((fact) => !fact.sound)
  const probes = probeLines(report).map(({ id, fidelity, cores }) => `${id} ${fidelity}, ${formatRatio(cores)} CPU`)
  const notes = probeLines(report).flatMap(({ id, note }) => (note === null ? [] : [`${id}: ${note}`]))
  return [
    ...entry(page, 'Recording', sound.join(' · '), at),
    ...unsound.flatMap(({ text }) => entry(page, '', text, at).map((line) => page.ink.yellow(line))),
    ...entry(page, 'Probes', probes.join(' · '), at),
    ...notes.flatMap((note) => entry(page, '', note, at)),
  ]
}

/** What ran, on what: the command, then `node v20 · 2 cores · 10 s`. */
export function targetLines(page: Page, { target, host, recording }: Report): string[] {
  const facts = [
    target.runtimeVersion === null ? target.runtime : `${target.runtime} ${target.runtimeVersion}`,
    ...(target.children > 0 ? [count(target.children, 'child process', 'child processes')] : []),
    `${formatNumber(recording.seconds)} s on ${count(host.cores, 'core')}`,
  ]
  return [
    `${page.ink.bold('holdup')}  ${fit(target.command, page.columns - 8)}`,
    ...wrap(facts.join(' · '), page.columns - 8).map((line) => page.ink.dim(`${' '.repeat(8)}${line}`)),
  ]
}
