import { procAvailable } from '../probes/proc/available.ts'
import type { NativeProbe } from '../probes/native/probe.ts'
import type { TargetProcess } from '../probes/probe.ts'
import { TracefsProbe } from '../probes/tracefs/probe.ts'
import { Sightings } from '../probes/tracefs/sightings.ts'
import { whyNoTracefs } from '../probes/tracefs/tracefs.ts'
import { identifyRuntime } from '../targets/identify.ts'
import type { RecordOptions } from './record-options.ts'

/** What the sampler has to say of a probe that was asked for and that is more exact; undefined where that is there. */
export function whyOnlySampled({ probes }: RecordOptions): string | undefined {
  const why = probes.includes('tracefs') ? whyNoTracefs() : null
  return why === null ? undefined : `sampled, for the exact probe tracefs is not to be had: ${why}`
}

/** The probe tracefs, and who tells it where threads stand; null where it is not asked for or not permitted. */
export function createTracefsProbe(
  { probes }: RecordOptions,
  { exceptNode, native }: { exceptNode: boolean; native: NativeProbe | null },
): { probe: TracefsProbe; sightings: Sightings } | null {
  if (!probes.includes('tracefs')) return null
  if (whyNoTracefs() !== null || !procAvailable()) return null
  const sightings = new Sightings()
  const runtimes = new Map<string, boolean>()
  const isNode = ({ pid, command }: TargetProcess) => {
    const key = `${pid} ${command}`
    const known = runtimes.get(key) ?? identifyRuntime(pid, command) === 'node'
    runtimes.set(key, known)
    return known
  }
  // What an agent counts from inside is the most exact.
  const except = (process: TargetProcess) =>
    (exceptNode && isNode(process)) || (native !== null && !native.isWithout(process.pid))
  return { probe: new TracefsProbe(sightings, except), sightings }
}
