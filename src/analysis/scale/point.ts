import type { RecordOf } from '../../recording/schema.ts'
import type { Ratio } from '../../units.ts'
import type { Lock, LockWait, MeasuredSignals, ScalePoint } from '../signals.ts'
import { errorShareOf } from '../http.ts'
import { isClientBusy } from './client-busy.ts'
import { holdsSlo, type Slo } from './slo.ts'

/** One step of a scale, with the signals of its own window. */
export function readPoint(
  step: RecordOf<'step'>,
  signals: MeasuredSignals,
  { slo, maxErrors }: { slo: Slo | null; maxErrors: Ratio },
): ScalePoint {
  const { http, cpu, runQueue, threads, switches, eventLoop, lockWait, client, workers } = signals
  const perSecond = http?.perSecond ?? 0
  const each = (rate: number | undefined) => (rate === undefined || perSecond <= 0 ? null : rate / perSecond)
  return {
    n: step.connections,
    of: step.of,
    from: step.from,
    to: step.t,
    perSecond,
    latencyMs: http?.latencyMs ?? { mean: 0, stddev: 0, p50: 0, p90: 0, p99: 0, max: 0 },
    errorShare: http ? errorShareOf(http) : 0,
    holds: slo && http ? holdsSlo(http, slo, maxErrors) : null,
    cores: cpu?.cores ?? null,
    available: cpu?.available ?? null,
    idleCores: client?.idleCores ?? null,
    clientCores: client?.cores ?? null,
    mainThread: eventLoop?.mainThreadCpu ?? null,
    busiestThread: cpu?.busiestThread?.wanted ?? null,
    runQueue: runQueue?.threadSecondsPerSecond ?? null,
    threads: threads?.mean ?? null,
    createdPerRequest: workers?.created ? workers.createdPerRequest : (threads?.createdPerRequest ?? null),
    switchesPerRequest: switches ? each(switches.voluntaryPerSecond + switches.involuntaryPerSecond) : null,
    cpuMsPerRequest: cpu ? each(cpu.cores * 1000) : null,
    lock: hottest(lockWait),
    clientBusy: client ? isClientBusy(client, http) : false,
  }
}

/** The lock that most threads, or requests, stood at. */
function hottest(lockWait: LockWait | null): ScalePoint['lock'] {
  const lock = lockWait?.locks.filter(({ role }) => role === 'lock').toSorted((a, b) => b.heldUp - a.heldUp)[0]
  return lock ? pickLock(lock) : null
}

function pickLock({ pid, slot, kind, name, heldUp, waiterThreads, holdPerSecond }: Lock): ScalePoint['lock'] {
  return { pid, slot, kind, name, heldUp, waiterThreads, holdPerSecond }
}
