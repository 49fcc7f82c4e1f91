import { readFileSync } from 'node:fs'
import type { Milliseconds } from '../../../src/units.ts'

/** What a program measured itself: cumulative counts at `t_ns`, CLOCK_MONOTONIC; about ten a second. */
export type TruthLine = Record<string, number> & { t_ns: number }

/** @throws where the program wrote none. */
export function readTruth(path: string): TruthLine[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as TruthLine] : []))
}

/** What a count grew by between two moments of CLOCK_MONOTONIC; between two lines it is taken to grow evenly. */
export function grown(lines: readonly TruthLine[], field: string, from: Milliseconds, to: Milliseconds): number {
  return valueAt(lines, field, to) - valueAt(lines, field, from)
}

function valueAt(lines: readonly TruthLine[], field: string, at: Milliseconds): number {
  const value = (line: TruthLine | undefined) => line?.[field] ?? 0
  const after = lines.findIndex(({ t_ns: t }) => t / 1e6 > at)
  if (after === 0) return 0
  const [left, right] = [lines.at(after - 1), lines[after]]
  if (after < 0 || !left || !right) return value(lines.at(-1))
  const share = (at - left.t_ns / 1e6) / ((right.t_ns - left.t_ns) / 1e6)
  return value(left) + (value(right) - value(left)) * share
}
