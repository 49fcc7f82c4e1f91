/** What detectors share that hold a load against one connection alone: do its requests wait for each other? */
import { meanOf } from '../analysis/mean-span.ts'
import type { MeasuredSignals, Neighbours, ScalePoint } from '../analysis/signals.ts'
import { formatMs, formatNumber, type Ratio } from '../units.ts'
import type { Evidence, Threshold } from './detector.ts'

export const BESIDE_ONE_THRESHOLDS = {
  connections: {
    default: 16,
    unit: 'connections',
    description: 'the load that is held against a single connection: that of a scale, the next larger step',
    source: 'holdup: as many cores as a server has, so that even one request a core would show',
  },
  cpu: {
    default: 0.5,
    unit: 'ratio',
    description: 'of the cores that the target may use, those it uses, at the most',
    source: 'holdup: from half on, twice the throughput would fill them',
  },
  thread: {
    default: 0.5,
    unit: 'ratio',
    description: 'share of a core that the busiest thread wants, on CPU or waiting for one, at the most',
    source: 'holdup: the same for a service of one thread, such as an event loop',
  },
  besideIdle: {
    default: 0.6,
    unit: 'ratio',
    description:
      'instead of these two where a quarter of the cores was seen to have no work, and the thread would stay under it on a machine that no hypervisor takes from',
    source: 'holdup: what passes one at a time and computes fills one of two cores',
  },
  waiting: {
    default: 0.5,
    unit: 'ratio',
    description:
      'of the requests of the load, those that are not served and wait neither for a core nor for the client to acknowledge, at the least',
    source: 'holdup: what else holds requests up explains less than half of them then',
  },
} as const satisfies Record<string, Threshold>

/** What limits, by the scale's own judgement, that needs no queue of requests. */
const OTHER_LIMITS: ReadonlySet<string> = new Set(['client', 'cores', 'one-thread', 'nothing', 'unknown'])

/** Of the cores that the target may use: so many without work are room for more. */
const IDLE: Ratio = 0.25

type Limits = Record<keyof typeof BESIDE_ONE_THRESHOLDS, number>

export interface BesideOne {
  one: Pick<ScalePoint, 'perSecond' | 'latencyMs'>
  many: ScalePoint
  /** Throughput of the many, of that of the one: so many requests pass at once. */
  growth: number
  /** Of the cores that the target may use, those it uses; of a core, what its busiest thread wants. */
  cpu: Ratio
  /** The limits of `cpu` and `thread` that count. */
  cpuLimit: Ratio
  threadLimit: Ratio
  thread: Ratio
  /** Requests that wait, on average, for what is none of these: to be served, a core, an acknowledgement. */
  waiting: number
  /** Neither CPU nor a lock of threads nor the client is what limits. */
  isIdle: boolean
}

/** From the steps of a scale, else from a load and the one connection that came after it. */
export function besideOne(
  {
    scale,
    alone,
    clientSockets,
    neighbours,
  }: Pick<MeasuredSignals, 'scale' | 'alone' | 'clientSockets' | 'neighbours'>,
  limits: Limits,
): BesideOne | { missing: string[] } {
  const ramp = (scale?.points ?? [])
    .filter(({ of, clientBusy }) => of === 'ramp' && !clientBusy)
    .toSorted((a, b) => a.n - b.n)
  const one = scale ? ramp.find(({ n }) => n === 1) : alone
  const many = scale ? ramp.find(({ n }) => n >= limits.connections) : alone?.load
  if (!one || !many || many.n < limits.connections)
    return { missing: scale ? [`steps with 1 and ${limits.connections} connections`] : ['scale'] }
  if (many.cores === null || many.available === null) return { missing: ['cpu'] }
  const cpu = many.cores / many.available
  const thread = Math.max(many.mainThread ?? 0, many.busiestThread ?? 0)
  const isOther = many.clientBusy || threadsQueue(many) || (scale !== null && OTHER_LIMITS.has(scale.limit.kind))
  const growth = many.perSecond / one.perSecond
  // Of the steps of a scale none is known: the one connection is held up by acknowledgements as well.
  const unacked = scale ? 0 : (clientSockets?.unacked ?? 0)
  const waiting = Math.max(0, many.n - growth - (many.runQueue ?? 0) - unacked)
  const isSeenIdle = many.idleCores !== null && many.idleCores >= IDLE * many.available
  const cpuLimit = isSeenIdle ? limits.besideIdle : limits.cpu
  const isThreadIdle = isSeenIdle && thread / (1 - stolenShare(neighbours)) < limits.besideIdle
  const threadLimit = isThreadIdle ? limits.besideIdle : limits.thread
  const isIdle =
    cpu < cpuLimit && thread < threadLimit && !isOther && one.perSecond > 0 && waiting >= limits.waiting * many.n
  return { one, many, growth, cpu, cpuLimit, thread, threadLimit, waiting, isIdle }
}

/** What it rests on; `growth`: the limit that a detector of its own holds it against. */
export function besideOneEvidence(
  { one, many, growth, cpu, cpuLimit, thread, threadLimit, waiting }: BesideOne,
  limits: Limits & { growth: number },
): Evidence[] {
  const share = { unit: 'ratio', fidelity: 'sampled' as const }
  const evidence: Evidence[] = [
    {
      name: 'throughput, of that with 1 connection',
      value: growth,
      unit: 'times',
      limit: limits.growth,
      fidelity: 'exact',
      note: `${formatNumber(one.perSecond)} requests/s with 1, ${formatNumber(many.perSecond)} with ${many.n}`,
    },
    { name: 'cores used, of the available', value: cpu, limit: cpuLimit, ...share },
    { name: 'requests that wait', value: waiting / many.n, limit: limits.waiting, ...share },
    {
      name: 'mean latency',
      value: many.latencyMs.mean,
      unit: 'ms',
      fidelity: 'exact',
      note: `${formatMs(one.latencyMs.mean)} with 1 connection`,
    },
  ]
  if (many.mainThread !== null || many.busiestThread !== null)
    evidence.push({
      name: 'busiest thread on CPU, or waiting for a core',
      value: thread,
      limit: threadLimit,
      ...share,
    })
  return evidence
}

/** What a hypervisor took, of the time for which the machine's cores had work: so much of it each thread lacks. */
function stolenShare(neighbours: Neighbours | null): Ratio {
  if (!neighbours) return 0
  const { stolen, idle } = meanOf(neighbours.spans)
  return Math.min(0.99, stolen / Math.max(0.01, neighbours.cores - idle))
}

/** Threads in the queue of a lock: that is a finding of its own. */
function threadsQueue({ lock }: ScalePoint): boolean {
  return (
    lock !== null && lock.kind !== 'promise-lock' && lock.waiterThreads > 1 && lock.heldUp >= lock.waiterThreads / 2
  )
}
