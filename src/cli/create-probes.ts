import { agentFile } from '../probes/native/agent-file.ts'
import { GoProbe } from '../probes/go/probe.ts'
import { JvmProbe } from '../probes/jvm/probe.ts'
import { NativeSampler } from '../probes/native-sampler/probe.ts'
import { NativeProbe } from '../probes/native/probe.ts'
import { NodeProbe } from '../probes/node/probe.ts'
import { PerfProbe } from '../probes/perf/probe.ts'
import { PidusageProbe } from '../probes/pidusage.ts'
import type { Probe } from '../probes/probe.ts'
import { procAvailable } from '../probes/proc/available.ts'
import { ProcProbe } from '../probes/proc/probe.ts'
import { canSpyOnPython } from '../probes/py-spy/available.ts'
import { PySpyProbe } from '../probes/py-spy/probe.ts'
import type { TracefsProbe } from '../probes/tracefs/probe.ts'
import type { Runtime } from '../targets/identify.ts'
import { processFacts } from '../targets/process-facts.ts'
import type { RecordOptions } from './record-options.ts'
import type { Talk } from './talk.ts'
import { createTracefsProbe, whyOnlySampled } from './tracefs-probe.ts'

/** What measures in a recording; of these some must be told more than to start and to stop. */
interface Probes {
  /** In the order in which they start. */
  all: readonly Probe[]
  node: NodeProbe | null
  native: NativeProbe | null
  jvm: JvmProbe | null
  go: GoProbe | null
  tracefs: TracefsProbe | null
}

/** The probes that are asked for and that this machine can have; `load` measures too. */
export function createProbes(options: RecordOptions, talk: Talk, load: Probe | null): Probes {
  const asksFor = (name: RecordOptions['probes'][number]) => options.probes.includes(name)
  const hasProc = procAvailable()
  const node = asksFor('node') ? createNodeProbe(options, talk) : null
  const native = asksFor('native') ? createNativeProbe(options, node !== null, talk) : null
  const tracefs = createTracefsProbe(options, { exceptNode: node !== null, native })
  const cpuStacks = options.cpuProfileMs !== null
  const jvm = asksFor('jvm') && hasProc ? new JvmProbe({ launched: !('pid' in options.of), cpuStacks }) : null
  const go = asksFor('go') && hasProc ? new GoProbe() : null
  const sampler = asksFor('native-sampler') && hasProc
  const samples = { exceptNode: node !== null, sightings: tracefs?.sightings, lacking: whyOnlySampled(options) }
  const all = [
    asksFor('proc') && hasProc ? new ProcProbe() : null,
    sampler ? new NativeSampler(samples) : null,
    tracefs?.probe,
    ...(cpuStacks && hasProc ? stackProbes(options, { node, jvm }) : []),
    asksFor('pidusage') ? new PidusageProbe() : null,
    node,
    native,
    jvm,
    go,
    load,
  ].filter((probe) => probe !== null && probe !== undefined)
  return { all, node, native, jvm, go, tracefs: tracefs?.probe ?? null }
}

/** Who tells where programs use CPU that do not tell it themselves: each program is one probe's. */
function stackProbes({ of, probes }: RecordOptions, told: { node: Probe | null; jvm: Probe | null }): Probe[] {
  const except: Runtime[] = []
  if (told.node) except.push('node')
  if (told.jvm) except.push('jvm')
  const found: Probe[] = []
  if (probes.includes('py-spy') && canSpyOnPython()) {
    except.push('python')
    found.push(new PySpyProbe())
  }
  if (probes.includes('perf')) found.push(new PerfProbe({ except, launched: !('pid' in of) }))
  return found
}

function createNodeProbe({ of, cpuProfileMs }: RecordOptions, talk: Talk): NodeProbe | null {
  if (!('pid' in of)) return new NodeProbe(cpuProfileMs)
  const to = processFacts(of.pid)
  if (!to) talk.phase('no agent, for without /proc its way in cannot be watched: CPU and memory alone')
  return to && new NodeProbe(cpuProfileMs, talk)
}

/** Only a launch brings it along: into a process that runs it can't be put without stopping that. */
function createNativeProbe({ of }: RecordOptions, exceptNode: boolean, talk: Talk): NativeProbe | null {
  if ('pid' in of || process.platform !== 'linux') return null
  const agent = agentFile()
  if (agent === null)
    talk.phase('no native agent, for it is not built (npm run build, with a C compiler): no native locks')
  return agent === null ? null : new NativeProbe(agent, { exceptNode })
}
