import type { Milliseconds } from '../units.ts'
import { counterOf, growth, level, type Reading, sumLevels } from './counters.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import type { Cgroup, Cpu, Memory, Switches } from './signals.ts'
import { scheduled } from './thread-samples.ts'
import type { ThreadSamples } from './thread-samples.ts'

const STEP_MS = 250

/** Milliseconds of CPU in the window, by pid. */
export function cpuMsByProcess(source: Source): Map<number, Milliseconds> {
  const processes = groupBy(source.of('proc'), (record) => record.pid)
  const spent = [...processes].map(([pid, records]) => {
    // A process that was born in the window had used nothing before.
    const born = (records[0]?.t ?? 0) > source.window[0]
    const counter = records.map((record) => [record.t, record.cpuMs] as const)
    const readings = born ? [[source.window[0], 0] as const, ...counter] : counter
    return [pid, growth(counterOf(readings), source.window)] as const
  })
  return new Map(spent)
}

/** Cores that the target may run on, by its affinity; where that was not seen, those that holdup may. */
export function coresOfTarget(source: Source): number {
  return source.of('machine').findLast(({ cores }) => cores > 0)?.cores ?? source.header.host.cores
}

/** CPU of the target without the threads that holdup put into it. */
export function readCpu(
  source: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
  cgroup: Cgroup | null = null,
): Cpu | null {
  const { cgroupCpuLimit } = source.header.host
  // Those that holdup may use, and its limit, stand in for the target's where these were not seen.
  const cores = coresOfTarget(source)
  const available = Math.min(cores, (cgroup ? cgroup.cores : cgroupCpuLimit) ?? cores)
  if (source.of('proc').length === 0) {
    const usage = source.within('usage')
    if (usage.length === 0) return null
    const points = sumLevels(
      usage.map(({ t, pid, cpu }) => ({ t, owner: pid, value: cpu })),
      1000,
    )
    return { cores: level(points).mean, available, probeCores: 0, busiestThread: null, fidelity: 'sampled' }
  }
  const cpuMs = [...cpuMsByProcess(source).values()].reduce((sum, ms) => sum + ms, 0)
  let oursMs = 0
  let busiestThread: Cpu['busiestThread'] = null
  for (const thread of threads.values()) {
    const { cpuMs, queuedMs } = scheduled(thread, source.window)
    const { ours, group } = thread.role
    if (ours) oursMs += cpuMs
    else if (cpuMs / source.windowMs >= (busiestThread?.cores ?? 0))
      busiestThread = { group, cores: cpuMs / source.windowMs, wanted: (cpuMs + queuedMs) / source.windowMs }
  }
  return {
    cores: Math.max(0, cpuMs - oursMs) / source.windowMs,
    available,
    probeCores: oursMs / source.windowMs,
    busiestThread,
    fidelity: 'sampled',
  }
}

/** With the ends of processes among what was read of them. */
export function withExits(readings: readonly Reading[], source: Source): Reading[] {
  const exits = source.within('process-exit').map(({ t, pid }): Reading => ({ t, owner: pid, value: null }))
  return exits.length === 0 ? [...readings] : [...readings, ...exits].toSorted((a, b) => a.t - b.t)
}

/** Resident memory of all processes; pages that they share count in each. */
export function readMemory(source: Source): Memory | null {
  const records = source.within('proc').length > 0 ? source.within('proc') : source.within('usage')
  const step = source.within('proc').length > 0 ? STEP_MS : 1000
  if (records.length === 0) return null
  const readings = records.map(({ t, pid, rss }): Reading => ({ t, owner: pid, value: rss }))
  const series = sumLevels(withExits(readings, source), step)
  const { mean, peak } = level(series)
  return { rssPeakBytes: peak, rssMeanBytes: mean, series, fidelity: 'sampled' }
}

export function readSwitches(source: Source): Switches | null {
  if (source.of('switches').length === 0) return null
  const records = source.within('switches')
  const seconds = source.windowMs / 1000
  return {
    voluntaryPerSecond: records.reduce((sum, record) => sum + record.voluntary, 0) / seconds,
    involuntaryPerSecond: records.reduce((sum, record) => sum + record.involuntary, 0) / seconds,
    fidelity: 'sampled',
  }
}
