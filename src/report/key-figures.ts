/** The figures that a reader looks for first, worded once for every view. */
import { formatBytes, formatMs, formatNumber, formatRatio } from '../units.ts'
import type { Report } from './model.ts'
import { count, formatSpread } from './quantity.ts'

/** One figure; `value` is null where it was not measured. */
export interface KeyFigure {
  id: string
  label: string
  value: string | null
  detail: string
  /** How it was measured: `exact`, `sampled`, or who saw the requests. */
  source: string | null
  /** Measured, but nothing happened: a short report leaves it out. */
  quiet: boolean
}

/** Threads that wait on average; of less the share is that of a moment. */
const WORTH_A_SHARE = 0.001

type Measured = Report['signals']
type Wording = Pick<KeyFigure, 'value' | 'detail'> & { source?: string; quiet?: boolean }
type Word<S extends keyof Measured> = (signal: NonNullable<Measured[S]>, all: Measured) => Wording

/** The parts that hold, joined. */
const facts = (...parts: (string | false | null)[]): string => parts.filter(Boolean).join(' · ')
const perRequest = (value: number | null): string | false => value !== null && `${formatNumber(value)} per request`

const latency: Word<'http'> = ({ latencyMs, source }) => ({
  value: formatSpread(latencyMs.mean, latencyMs.stddev),
  detail: `p50 ${formatMs(latencyMs.p50)} · p99 ${formatMs(latencyMs.p99)} · max ${formatMs(latencyMs.max)}`,
  source,
})

const throughput: Word<'http'> = (
  { requests, perSecond, inFlightPeak, errors, timeouts, resets, non2xx, source },
  { client },
) => ({
  value: `${formatNumber(perSecond)} requests/s`,
  detail: facts(
    `${formatNumber(requests)} in all`,
    `${formatNumber(inFlightPeak)} in flight at peak`,
    errors === 0 ? 'no error' : count(errors, 'error'),
    timeouts > 0 && count(timeouts, 'timeout'),
    resets > 0 && count(resets, 'reset'),
    non2xx > 0 && `${formatNumber(non2xx)} not 2xx or 3xx`,
    source === 'client' &&
      client?.pacingMs != null &&
      `sent within ${formatMs(client.pacingMs.p99)} of their time (p99)`,
  ),
})

const cpu: Word<'cpu'> = ({ cores, available, probeCores }, { http, cgroup }) => ({
  value: `${formatNumber(cores)} of ${count(available, 'core')}`,
  detail: facts(
    http !== null && http.perSecond > 0 && `${formatMs((cores / http.perSecond) * 1000)} per request`,
    probeCores > 0 && `${formatNumber(probeCores)} more by holdup`,
    cgroup?.cores != null && `limit ${formatNumber(cgroup.cores)}, met in ${formatRatio(cgroup.share)} of its periods`,
  ),
})

const memory: Word<'memory'> = ({ rssPeakBytes, rssMeanBytes }) => ({
  value: `${formatBytes(rssPeakBytes)} at peak`,
  detail: `mean ${formatBytes(rssMeanBytes)}`,
})

const threads: Word<'threads'> = ({ peak, mean, created, createdPerRequest }) => ({
  value: `${formatNumber(peak)} at peak`,
  detail: facts(`mean ${formatNumber(mean)}`, `${formatNumber(created)} created`, perRequest(createdPerRequest)),
})

const workers: Word<'workers'> = ({ created, createdPerRequest, livePeak, lifetimeMs, heapBytesEach }) => ({
  value: `${formatNumber(created)} created`,
  detail: facts(
    perRequest(createdPerRequest),
    `${formatNumber(livePeak)} alive at peak`,
    lifetimeMs !== null && `p50 lifetime ${formatMs(lifetimeMs.p50)}`,
    heapBytesEach !== null && `heap ${formatBytes(heapBytesEach)} each`,
  ),
  quiet: created === 0 && livePeak === 0,
})

const processes: Word<'processes'> = ({ created, createdPerRequest }) => ({
  value: `${formatNumber(created)} created`,
  detail: facts(perRequest(createdPerRequest)),
  quiet: created === 0,
})

const switches: Word<'switches'> = ({ voluntaryPerSecond, involuntaryPerSecond }, { http }) => {
  const all = voluntaryPerSecond + involuntaryPerSecond
  const each = http !== null && http.perSecond > 0 ? all / http.perSecond : null
  const perSecond = `${formatNumber(all)} per second`
  return {
    value: perRequest(each) || perSecond,
    detail: facts(each !== null && perSecond, `${formatNumber(involuntaryPerSecond)} per second involuntary`),
  }
}

const runQueue: Word<'runQueue'> = ({ threadSecondsPerSecond, runnableThreads }) => ({
  value: count(threadSecondsPerSecond, 'thread'),
  detail: `${formatNumber(runnableThreads)} on CPU or waiting for a core`,
})

const lockWait: Word<'lockWait'> = ({ threadSecondsPerSecond, seconds, secondsLow, secondsHigh, ...rest }) => ({
  value: count(threadSecondsPerSecond, 'thread'),
  detail: facts(
    secondsHigh > 0 &&
      (secondsLow === secondsHigh
        ? `${formatNumber(seconds)} s waited`
        : `${formatNumber(seconds)} s waited (${formatNumber(secondsLow)}–${formatNumber(secondsHigh)})`),
    rest.unclassifiedSeconds > 0 && `${formatNumber(rest.unclassifiedSeconds)} s unclassified`,
    rest.ratio > 0 && threadSecondsPerSecond >= WORTH_A_SHARE && `${formatRatio(rest.ratio)} of busy time`,
  ),
})

const eventLoop: Word<'eventLoop'> = ({ turnMs, stallsOver50Ms, blockedSeconds, mainThreadCpu, ...rest }) => ({
  value: `p99 ${formatMs(turnMs.p99)} late`,
  detail: facts(
    `p50 ${formatMs(turnMs.p50)}`,
    `max ${formatMs(turnMs.max)}`,
    stallsOver50Ms === 0
      ? 'no stall over 50 ms'
      : `${count(stallsOver50Ms, 'stall')} over 50 ms, ${formatMs(blockedSeconds * 1000)} in all`,
    rest.utilization === null
      ? mainThreadCpu !== null && `main thread ${formatRatio(mainThreadCpu)} on CPU`
      : `${formatRatio(rest.utilization)} used`,
  ),
})

const loops: Word<'loops'> = ({ groups: [first, ...others] }) => ({
  value: first ? `p99 ${formatMs(first.turnMs.p99)} a turn` : 'no turn',
  detail: first
    ? facts(
        first.group,
        `p50 ${formatMs(first.turnMs.p50)}`,
        `max ${formatMs(first.turnMs.max)}`,
        first.over10Ms === 0 ? 'none over 10 ms' : `${count(first.over10Ms, 'turn')} over 10 ms`,
        `${formatRatio(first.busy)} busy`,
        others.length > 0 && count(others.length, 'other group'),
      )
    : '',
  quiet: !first,
})

const gc: Word<'gc'> = ({ share, mainThreadShare, stopsAll, longestMs, heapUsedPeakBytes }) => ({
  value: `${formatRatio(share)} of the time`,
  detail: facts(
    stopsAll ? 'stops all threads of the JVM' : `${formatRatio(mainThreadShare)} of the main thread's`,
    `longest ${formatMs(longestMs)}`,
    heapUsedPeakBytes !== null && `heap ${formatBytes(heapUsedPeakBytes)}`,
  ),
})

/** All key figures in reading order, those not measured too (value null). */
export function keyFigures({ signals }: Report): KeyFigure[] {
  const figure = <S extends keyof Measured>(
    signal: S,
    label: string,
    word: Word<S>,
    id: string = signal,
  ): KeyFigure => {
    const measured = signals[signal]
    if (measured === null) return { id, label, value: null, detail: '', source: null, quiet: true }
    const { source, quiet, ...wording } = word(measured, signals)
    const fidelity = 'fidelity' in measured ? measured.fidelity : null
    return { id, label, ...wording, source: source ?? fidelity, quiet: quiet ?? false }
  }
  return [
    figure('http', 'Latency', latency, 'latency'),
    figure('http', 'Throughput', throughput, 'throughput'),
    figure('cpu', 'CPU', cpu),
    figure('memory', 'Memory', memory),
    figure('lockWait', 'Lock wait', lockWait),
    figure('runQueue', 'Run queue', runQueue),
    // Of Node its own loop says more.
    signals.eventLoop === null && signals.loops
      ? figure('loops', 'Loop turns', loops)
      : figure('eventLoop', 'Event loop', eventLoop),
    figure('threads', 'Threads', threads),
    figure('workers', 'Workers', workers),
    figure('processes', 'Processes', processes),
    figure('switches', 'Switches', switches),
    figure('gc', 'GC', gc),
  ]
}
