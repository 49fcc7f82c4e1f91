import { formatNumber, formatRatio } from '../../units.ts'
import type { PerSecond, Ratio } from '../../units.ts'
import type { ScalePoint } from '../signals.ts'
import type { UslFit } from './usl.ts'

/**
 * What keeps throughput from growing with concurrency: a lock; crosstalk, so that it even falls; the cores; one thread, the main
 * thread of Node; something outside of CPU and locks (`elsewhere`); the load's own client; or nothing yet.
 */
export interface ScaleLimit {
  kind: 'lock' | 'crosstalk' | 'cores' | 'one-thread' | 'elsewhere' | 'client' | 'nothing' | 'unknown'
  /** One sentence, with the numbers of the step that it is read from. */
  summary: string
  /** Connections of that step. */
  n: number
  /** `pid slot` of the lock, and the most throughput that it lets through; null where it is no lock, or how long it is held unknown. */
  lock: { pid: number; slot: string; name: string; bound: PerSecond | null } | null
}

/** A last step that brought so much of what it could, a doubling 1.3 times, shows no limit yet. */
const STILL_GROWS: Ratio = 0.3
/** A fall that no noise explains: over twice the 5 % by which neighbours change a step. */
const FALL: Ratio = 0.9
/** A lock held so long, of each second, lets nothing more through. */
const SERIAL: Ratio = 0.8
/** So many of those who could stand at it do. */
const QUEUE_SHARE: Ratio = 0.5
/** Of the cores: the target's own, or the whole machine's, of which the target and its load must then use most. */
const FULL: Ratio = 0.85
const MACHINE_FULL: Ratio = 0.9
const MOSTLY_OURS: Ratio = 0.7
const MAIN_THREAD_FULL: Ratio = 0.85

/** Says what limits, from the ramp's steps and the fit. */
export function judgeLimit(points: readonly ScalePoint[], fit: UslFit | null): ScaleLimit {
  const ramp = points.filter(({ of }) => of === 'ramp').toSorted((a, b) => a.n - b.n)
  const last = ramp.at(-1)
  // A step of several rounds is measured in each.
  const before = ramp.findLast(({ n }) => n < (last?.n ?? 0))
  if (!last || !before) return verdict('unknown', last, 'Too few steps to say what limits.')
  const best = ramp.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))
  const at = `at ${connections(last)}`
  if (last.clientBusy || best.clientBusy)
    return verdict(
      'client',
      last,
      `The load's own client is the limit ${at}: of the service nothing can be said there.`,
    )
  if (best.n === last.n && meanAt(last.n, ramp) >= growthOf(before.n, last.n) * meanAt(before.n, ramp))
    return verdict(
      'nothing',
      last,
      `Nothing limits yet: throughput still grows ${at}, to ${formatNumber(last.perSecond)} requests/s.`,
    )

  const fallen = last.perSecond <= FALL * best.perSecond
  const lock = isLockBound(last) ? last.lock : null
  if (lock && !isFull(last)) {
    const queue = `${formatNumber(lock.heldUp)} ${lock.kind === 'promise-lock' ? 'requests' : 'threads'} stand at it`
    const held = lock.holdPerSecond === null ? '' : `, held ${formatRatio(lock.holdPerSecond)} of the time`
    const idle = last.cores === null ? '' : `, while the target uses ${coresOf(last)}`
    return {
      ...verdict('lock', last, `A lock limits ${at}: ${lock.name}${held}; ${queue}${idle}.`),
      lock: {
        pid: lock.pid,
        slot: lock.slot,
        name: lock.name,
        bound: lock.holdPerSecond ? last.perSecond / lock.holdPerSecond : null,
      },
    }
  }
  if (fallen && fit && fit.intervals.kappa[0] > 0) {
    const loss = formatRatio(1 - last.perSecond / best.perSecond)
    return verdict(
      'crosstalk',
      last,
      `Crosstalk limits: ${at} throughput is ${loss} under its best, that of ${best.n}${growths(best, last)}.`,
    )
  }
  if (isFull(last) || isFull(best)) {
    const full = isFull(last) ? last : best
    return verdict(
      'cores',
      full,
      `The cores limit: at ${connections(full)} the target uses ${coresOf(full)}${restOf(full)}.`,
    )
  }
  if ((last.mainThread ?? 0) >= MAIN_THREAD_FULL)
    return verdict(
      'one-thread',
      last,
      `One thread limits: ${at} the main thread is on CPU ${formatRatio(last.mainThread ?? 0)} of the time, and the target uses ${coresOf(last)}.`,
    )
  const neither = last.cores === null ? '' : `: the target uses ${coresOf(last)}`
  return verdict(
    'elsewhere',
    last,
    `Throughput stops growing ${at} for neither CPU nor a lock of a thread${neither}; requests wait for something else, such as an upstream, a pool or an asynchronous lock.`,
  )
}

function verdict(kind: ScaleLimit['kind'], point: ScalePoint | undefined, summary: string): ScaleLimit {
  return { kind, summary, n: point?.n ?? 0, lock: null }
}

/** Most of who could stand at the hottest lock do, or it is held all the time. */
function isLockBound({ lock, n }: ScalePoint): boolean {
  if (!lock) return false
  const { heldUp, waiterThreads, holdPerSecond, kind } = lock
  const could = kind === 'promise-lock' ? n : Math.min(n, waiterThreads)
  const isQueue = heldUp >= QUEUE_SHARE * could && could > 1
  return holdPerSecond === null ? isQueue : holdPerSecond >= SERIAL && heldUp >= QUEUE_SHARE
}

/** The cores are in use, and by whom it is about: what neighbours use is no limit of the target. */
function isFull({ cores, available, idleCores, clientCores }: ScalePoint): boolean {
  if (cores === null || available === null) return false
  const ours = cores + (clientCores ?? 0)
  const machine = idleCores !== null && idleCores <= (1 - MACHINE_FULL) * available && ours >= MOSTLY_OURS * available
  return cores >= FULL * available || machine
}

function connections({ n }: ScalePoint): string {
  return `${formatNumber(n)} ${n === 1 ? 'connection' : 'connections'}`
}

function coresOf({ cores, available }: ScalePoint): string {
  return `${formatNumber(cores ?? 0)} of ${formatNumber(available ?? 0)} cores`
}

/** What else the machine is busy with, where that counts. */
function restOf({ cores, available, idleCores, clientCores }: ScalePoint): string {
  const client = clientCores !== null && clientCores >= 0.1 ? `the load ${formatNumber(clientCores)}` : ''
  const others = (available ?? 0) - (idleCores ?? Infinity) - (cores ?? 0) - (clientCores ?? 0)
  const other = others >= 0.2 ? `others ${formatNumber(others)}` : ''
  return [client, other]
    .filter((part) => part !== '')
    .map((part) => `, ${part}`)
    .join('')
}

/** What a request costs more than at the best step, most first. */
function growths(best: ScalePoint, last: ScalePoint): string {
  const grown = (name: string, a: number | null, b: number | null) =>
    a !== null && b !== null && a > 0 && b > 1.2 * a ? [{ name, times: b / a }] : []
  const all = [
    ...grown('CPU per request', best.cpuMsPerRequest, last.cpuMsPerRequest),
    ...grown('context switches per request', best.switchesPerRequest, last.switchesPerRequest),
    ...grown('threads waiting for a core', best.runQueue, last.runQueue),
    ...grown('threads', best.threads, last.threads),
  ].toSorted((a, b) => b.times - a.times)
  if (all.length === 0) return ''
  return `; ${all.map(({ name, times }) => `${name} ${formatNumber(times)} ×`).join(', ')}`
}

/** Throughput at a number of connections, the mean of its rounds. */
function meanAt(n: number, ramp: readonly ScalePoint[]): number {
  const rounds = ramp.filter((point) => point.n === n)
  return rounds.reduce((sum, { perSecond }) => sum + perSecond, 0) / Math.max(1, rounds.length)
}

/** What throughput must have grown by from one step to the next where nothing limits yet. */
function growthOf(before: number, n: number): number {
  return 1 + STILL_GROWS * (n / before - 1)
}
