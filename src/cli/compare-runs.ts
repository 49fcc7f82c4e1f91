import { isatty } from 'node:tty'
import { join } from 'node:path'
import type { ReportSet } from '../compare/sets.ts'
import type { Report } from '../report/model.ts'
import { interrupted, recordRun, type Run } from './record-run.ts'
import { writeReport } from './write-report.ts'

/** Two commands under one load, and how often each runs. */
export interface Duel {
  commands: readonly [string, string]
  rounds: number
  run: Omit<Run, 'command' | 'quiet'>
  quiet?: boolean
}

const SIDES = ['before', 'after'] as const

/**
 * Runs the two in turn, A B · B A · A B …, so that what drifts slowly falls on both alike; reports go to `before/1`,
 * `after/1` … of the folder. Ctrl-C ends it with the pairs that are whole.
 */
export async function duel(
  { commands, rounds, run, quiet = false }: Duel,
  folder: string,
): Promise<[ReportSet, ReportSet]> {
  const reports: [Report[], Report[]] = [[], []]
  for (let round = 1; round <= rounds; round++) {
    const pair: Report[] = []
    for (const side of round % 2 === 1 ? ([0, 1] as const) : ([1, 0] as const)) {
      if (!quiet) say(`round ${round} of ${rounds}: ${SIDES[side]}`)
      const place = join(folder, SIDES[side], String(round))
      const recorded = await recordRun({ ...run, command: commands[side], quiet: quiet || !isatty(2) }, place)
      if (interrupted(recorded)) return setsOf(reports)
      pair[side] = await writeReport(recorded.path, place)
    }
    const [before, after] = pair
    if (before && after) reports.forEach((of, side) => of.push(side === 0 ? before : after))
  }
  return setsOf(reports)
}

function setsOf([before, after]: [Report[], Report[]]): [ReportSet, ReportSet] {
  return [
    { name: SIDES[0], reports: before },
    { name: SIDES[1], reports: after },
  ]
}

function say(text: string): void {
  process.stderr.write(`holdup: ${text}\n`)
}
