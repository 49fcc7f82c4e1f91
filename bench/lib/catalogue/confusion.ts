import type { CatalogueRun } from './runs.ts'

/** The recording's own quality and the machine's state: no verdict on the target. */
const OF_THE_RECORDING: ReadonlySet<string> = new Set(['profiler-starved'])

export interface PatternScore {
  id: string
  /** Runs in which it was to be found, and those in which it was. */
  planted: number
  found: number
  /** Runs in which it was found and neither expected nor allowed, by fixture. */
  falseAlarms: string[]
  /** Runs that could have had one. */
  clean: number
}

/** Recall and false alarms of each pattern that was planted or found, worst first. */
export function scorePatterns(runs: readonly CatalogueRun[]): PatternScore[] {
  const ids = new Set(runs.flatMap(({ expected, faults }) => [...expected, ...faults]))
  return [...ids]
    .filter((id) => !OF_THE_RECORDING.has(id))
    .map((id) => {
      const planted = runs.filter(({ expected }) => expected.includes(id))
      const clean = runs.filter(({ expected, allowed }) => !expected.includes(id) && !allowed.includes(id))
      return {
        id,
        planted: planted.length,
        found: planted.filter(({ faults }) => faults.includes(id)).length,
        falseAlarms: clean.filter(({ faults }) => faults.includes(id)).map(({ fixture, way }) => `${fixture} ${way}`),
        clean: clean.length,
      }
    })
    .toSorted((a, b) => recallOf(a) - recallOf(b) || b.falseAlarms.length - a.falseAlarms.length)
}

/** 1 where none was planted. */
export function recallOf({ planted, found }: Pick<PatternScore, 'planted' | 'found'>): number {
  return planted === 0 ? 1 : found / planted
}

/** Of the runs with two faults at once, those that named both. */
export function bothNamed(runs: readonly CatalogueRun[]): { named: number; of: number } {
  const mixed = runs.filter(({ expected }) => expected.length > 1)
  return {
    named: mixed.filter(foundAll).length,
    of: mixed.length,
  }
}

/** Of the fixtures' runs in both ways, those whose verdicts on what was planted are the same. */
export function agreement(runs: readonly CatalogueRun[]): { same: number; of: number } {
  const launched = runs.filter(({ way }) => way === 'launched')
  const pairs = launched.flatMap((a) => {
    const b = runs.find(
      ({ way, fixture, intensity, run }) =>
        way === 'attached' && fixture === a.fixture && intensity === a.intensity && run === a.run,
    )
    return b ? [[a, b] as const] : []
  })
  return { same: pairs.filter(([a, b]) => foundAll(a) === foundAll(b)).length, of: pairs.length }
}

function foundAll({ expected, faults }: CatalogueRun): boolean {
  return expected.every((id) => faults.includes(id))
}
