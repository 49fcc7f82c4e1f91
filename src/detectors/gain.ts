/**
 * What a service would gain without what a finding is about: the asymptotic bounds of a closed system, by the operational laws
 * (Denning and Buzen, "The Operational Analysis of Queueing Network Models", ACM Computing Surveys, 1978), from the run itself.
 */
import type { Http, MeasuredSignals } from '../analysis/signals.ts'
import type { Milliseconds, PerSecond } from '../units.ts'
import { meanOf } from '../analysis/mean-span.ts'
import type { Evidence, Finding } from './detector.ts'
import { quotaBound } from './free-cores.ts'

/** CPU of one wait in the queue of a lock: two system calls, two switches and cold caches. Printed by `npm run bench:gain`. */
export const WAIT_CPU_MS: Milliseconds = 0.004
/** Of the machine's cores: with fewer without work, requests would wait for these instead. */
const IDLE_SHARE = 0.1
/** Of the target's CPU that can go into waiting, at the most; and of a gain that is worth a figure. */
const MOST_BURNT = 0.9
const MOST = 100
const MACHINE = "by the machine's cores"

/** Throughput without a fault, of today's: from here on it is a warning, and critical. */
export const WARNING = 1.1
export const CRITICAL = 1.5

/** What would be given back without the fault. */
interface Relief {
  /** Threads that sleep in the queue, on average, of so many that ever do: threads of a pool, say. */
  waiting: number
  waiters: number
  /** CPU that goes into the waiting. */
  cores: number
  waitP99Ms: Milliseconds
  /** Else `cores` is an upper bound. */
  areCounted: boolean
}

export interface Gain {
  /** Throughput under the same load, of today's: at the most. */
  throughput: number
  /** Today's p99 latency, of that without it; null where there is no saying. */
  p99: number | null
  inputs: Evidence[]
}

/**
 * Null where holdup did not drive the load, so that nobody knows what the machine had left; where the waits were not counted; and where
 * all hangs on what others use the cores for: work for the target, which grows with its throughput, or their own.
 */
export function gainWithout(finding: Finding, signals: MeasuredSignals): Gain | null {
  const { client, http, cpu, eventLoop, neighbours, scale } = signals
  const relief = reliefOf(finding, signals)
  // A ramp's average over all its steps is that of none.
  if (!relief?.areCounted || scale || !client || http?.source !== 'client' || !cpu || http.inFlightMean < 1) return null
  const burnt = Math.min(relief.cores, cpu.cores * MOST_BURNT)
  const idle = client.idleCores >= client.machineCores * IDLE_SHARE
  // As many as there is work for at a time.
  const atWork = Math.min(http.inFlightMean, relief.waiters)
  // What holdup takes is the same whatever the throughput.
  const holdup = Math.max(0, (neighbours ? meanOf(neighbours.spans).own : 0) - client.cores)
  const cores = client.machineCores - holdup
  const bounds: [number, string][] = [
    [relief.waiting === 0 ? MOST : atWork / Math.max(1, atWork - relief.waiting), 'by the threads at work'],
    [cores / Math.max(0.01, cores - client.idleCores - burnt), MACHINE],
    [quotaBound(burnt, signals), 'by the cores that it may use'],
    [1 / Math.max(0.01, eventLoop?.mainThreadCpu ?? 0), 'by its main thread'],
  ]
  const [bound, by] = bounds.toSorted(([a], [b]) => a - b)[0] ?? [1, '']
  if (by === MACHINE && bound < WARNING && cores / Math.max(0.01, cpu.cores + client.cores - burnt) >= CRITICAL)
    return null
  const throughput = Math.min(MOST, Math.max(1, bound))
  return {
    throughput,
    p99: idle ? p99Without(relief, http) : null,
    inputs: [
      {
        name: 'throughput without it',
        value: throughput,
        unit: 'times',
        fidelity: 'sampled',
        note: `at most: bound ${by}`,
      },
      { name: 'requests in flight', value: http.inFlightMean, unit: 'requests', fidelity: 'exact' },
      { name: 'cores without work', value: client.idleCores, unit: 'cores', fidelity: 'exact' },
      { name: 'CPU of the waiting itself', value: burnt, unit: 'cores', fidelity: 'sampled' },
    ],
  }
}

/**
 * Throughput without the finding, of today's, at the most: what the cores allow that the target already uses, that are idle, or that
 * others use, who may be its clients. For where somebody else drives the load, or the waits were not counted.
 */
export function boundByCores(finding: Finding, signals: MeasuredSignals): Omit<Gain, 'p99'> | null {
  const { cpu, neighbours, scale } = signals
  const relief = reliefOf(finding, signals)
  if (!relief || scale || !cpu || !neighbours) return null
  const burnt = Math.min(relief.cores, cpu.cores * MOST_BURNT)
  const { idle, others, own } = meanOf(neighbours.spans)
  // holdup's own load would want more then, not less.
  const free = idle + others + (signals.client ? 0 : own)
  const throughput = Math.max(1, Math.min(cpu.available, cpu.cores + free) / Math.max(0.01, cpu.cores - burnt))
  return {
    throughput,
    inputs: [
      {
        name: 'throughput without it',
        value: throughput,
        unit: 'times',
        fidelity: 'sampled',
        note: 'at most: bound by the cores',
      },
      { name: 'cores that are free, or in use by others', value: free, unit: 'cores', fidelity: 'sampled' },
      { name: 'CPU of the waiting itself', value: burnt, unit: 'cores', fidelity: 'sampled' },
    ],
  }
}

function reliefOf(
  { locks, areAll, spinning }: Finding,
  { lockWait, quality, switches }: MeasuredSignals,
): Relief | null {
  if (areAll === false) return null
  if (spinning !== undefined) return { waiting: 0, waiters: 0, cores: spinning, waitP99Ms: 0, areCounted: true }
  const freed = lockWait?.locks.filter(({ id }) => locks?.includes(id)) ?? []
  const areCounted = freed.every(({ waits }) => waits !== null)
  // Of a promise lock requests wait, on one thread that goes on.
  if (
    freed.length === 0 ||
    freed.some(({ stuck, kind }) => stuck || kind === 'promise-lock') ||
    (!areCounted && !switches)
  )
    return null
  const counted: PerSecond = freed.reduce((sum, { waits }) => sum + (waits ?? 0), 0) / (quality?.windowSeconds ?? 1)
  // Each wait ends in a switch at the least.
  const perSecond = areCounted ? counted : (switches?.voluntaryPerSecond ?? 0)
  return {
    waiting: freed.reduce((sum, { heldUp }) => sum + heldUp, 0),
    waiters: Math.max(...freed.map(({ waiterThreads }) => waiterThreads)),
    cores: (perSecond * WAIT_CPU_MS) / 1000,
    waitP99Ms: Math.max(...freed.map(({ waitMs }) => waitMs?.p99 ?? 0)),
    areCounted,
  }
}

/** A request waits once at the least, and takes no less than it does on average without the waits. */
function p99Without({ waiting, waitP99Ms }: Relief, { latencyMs, inFlightMean }: Http): number {
  const served = latencyMs.mean * Math.max(0, 1 - waiting / inFlightMean)
  return Math.min(MOST, latencyMs.p99 / Math.max(latencyMs.p99 - waitP99Ms, served, latencyMs.p99 / MOST))
}
