import type { Cpu, Neighbours } from '../analysis/signals.ts'
import { meanOf } from '../analysis/mean-span.ts'

/** Cores that the target could use besides: what it may use and, where that was seen, nobody else of the machine does. */
export function freeCores(cpu: Cpu, neighbours: Neighbours | null): number {
  const unused = Math.max(0, cpu.available - cpu.cores)
  return neighbours ? Math.min(unused, meanOf(neighbours.spans).idle) : unused
}

/** How much more CPU the target could use, of what it uses: throughput cannot grow further than that. */
export function roomToGrow(cpu: Cpu, neighbours: Neighbours | null): number {
  return (cpu.cores + freeCores(cpu, neighbours)) / Math.max(0.01, cpu.cores)
}
