import type { Overhead } from './overhead-of.ts'
import { textTable } from './text-table.ts'
import type { Variant } from './variants.ts'

export interface Verdict {
  holds: boolean
  text: string
}

/** The cost of one fixture's variants, bare/bare first. */
export function overheadTable(overheads: readonly Overhead[]): string {
  const head = ['CPU a request', 'bare µs', 'µs', 'ratio', '95 %', 'time ratio', 'tool’s own cores', 'requests × pairs']
  const rows = overheads.map((overhead) => [
    `${overhead.fixture} · ${overhead.variant}`,
    overhead.bareCpuUs.toFixed(0),
    overhead.cpuUs.toFixed(0),
    overhead.cpu.median.toFixed(3),
    `${overhead.cpu.low.toFixed(3)} – ${overhead.cpu.high.toFixed(3)}`,
    overhead.time.median.toFixed(3),
    overhead.toolCores.toFixed(3),
    `${overhead.requestsPerSlice} × ${overhead.ratios.flat().length}`,
  ])
  return textTable([head, ...rows])
}

/** Holds the variants that have an allowance to it: their upper bound against the noise floor's own. */
export function verdicts(variants: readonly Variant[], [bare, ...others]: readonly Overhead[]): Verdict[] {
  if (!bare) return []
  return others.flatMap(({ fixture, variant: name, cpu }) => {
    const allowance = variants.find((variant) => variant.name === name)?.allowance
    if (allowance === undefined) return []
    const limit = bare.cpu.high + allowance
    const holds = cpu.high <= limit
    const sum = `${bare.cpu.high.toFixed(3)} + ${allowance} = ${limit.toFixed(3)}`
    return [{ holds, text: `${holds ? 'holds' : 'FAILS'}: ${fixture} · ${name}: ${cpu.high.toFixed(3)} ≤ ${sum}` }]
  })
}
