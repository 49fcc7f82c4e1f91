import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachFixture, expectationOf, faultsIn, foundIn, recordFixture } from '../../../test/support/fixture.ts'

const WAYS = { launched: recordFixture, attached: attachFixture }
export type Way = keyof typeof WAYS
/** How bad a fault is, in fixtures that have it in degrees. */
export type Intensity = 'weak' | 'clear' | 'severe'

/** One run of a fixture. */
export interface Combination {
  fixture: string
  way: Way
  intensity: Intensity
  run: number
}

/** What one run of a fixture was to find, and found. */
export interface CatalogueRun extends Combination {
  expected: string[]
  allowed: string[]
  /** At warning or over, and those that must not be found at all. */
  faults: string[]
  seconds: number
}

/** Runs that a file holds already, of a bench that was broken off. */
export function runsIn(file: string): CatalogueRun[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as CatalogueRun]))
}

/** Records the fixture once, and adds what came out to the file. */
export async function runOnce({ fixture, way, intensity, run }: Combination, file: string): Promise<CatalogueRun> {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-'))
  const began = performance.now()
  try {
    const { report } = await WAYS[way](fixture, { folder, env: { INTENSITY: intensity } })
    const { attached, traced, ...launched } = expectationOf(fixture)
    const isRoot = process.getuid?.() === 0
    const of = { ...launched, ...(way === 'attached' && { ...attached, ...(isRoot && traced) }) }
    const { anyOf = [] } = of
    const faults = new Set([...faultsIn(report), ...foundIn(report).filter((id) => of.mustNot.includes(id))])
    const done: CatalogueRun = {
      fixture,
      way,
      intensity,
      run,
      expected: [...of.expect, ...anyOf.slice(0, 1).map((first) => anyOf.find((id) => faults.has(id)) ?? first)],
      allowed: [...of.allow, ...anyOf],
      faults: [...faults],
      seconds: Math.round(performance.now() - began) / 1000,
    }
    appendFileSync(file, `${JSON.stringify(done)}\n`)
    return done
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
