import type { Cgroup, Cpu, MeasuredSignals, Neighbours } from '../analysis/signals.ts'
import { meanOf } from '../analysis/mean-span.ts'

/** What the cores are known by; the last two null where they were not seen. */
export interface CoreUse {
  cpu: Cpu
  neighbours: Neighbours | null
  cgroup: Cgroup | null
}

/** Cores that the target could use besides: what it may use and, where that was seen, nobody else of the machine or its quota does. */
export function freeCores({ cpu, neighbours, cgroup }: CoreUse): number {
  const unused = Math.max(0, cpu.available - cpu.cores - ofItsQuota({ neighbours, cgroup }))
  return neighbours ? Math.min(unused, meanOf(neighbours.spans).idle) : unused
}

/** How much more CPU the target could use, of what it uses: throughput cannot grow further than that. */
export function roomToGrow(use: CoreUse): number {
  return (use.cpu.cores + freeCores(use)) / Math.max(0.01, use.cpu.cores)
}

/** Cores that holdup and its load use of the target's own quota. */
function ofItsQuota({ neighbours, cgroup }: Omit<CoreUse, 'cpu'>): number {
  return cgroup?.shared && cgroup.cores !== null && neighbours ? meanOf(neighbours.spans).own : 0
}

/** Throughput without so much `burnt` CPU, of today's, by the cores that the target may use: in a quota that its load shares for both. */
export function quotaBound(
  burnt: number,
  { cpu, client, neighbours, cgroup }: Pick<MeasuredSignals, 'cpu' | 'client' | 'neighbours' | 'cgroup'>,
): number {
  if (!cpu) return Infinity
  const shared = ofItsQuota({ neighbours, cgroup })
  const load = shared > 0 ? Math.min(shared, client?.cores ?? 0) : 0
  return (cpu.available - (shared - load)) / Math.max(0.01, cpu.cores + load - burnt)
}
