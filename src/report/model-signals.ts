/** The signals of a report, as its schema has them. */
import * as v from 'valibot'
import { fidelity, nullable, num, quantiles, text } from './model-values.ts'

const http = v.object({
  requests: num,
  timeouts: num,
  resets: num,
  non2xx: num,
  errors: num,
  perSecond: num,
  latencyMs: v.object({ mean: num, stddev: num, ...quantiles }),
  inFlightPeak: num,
  inFlightMean: num,
  source: v.picklist(['client', 'agent', 'kernel', 'estimate']),
})

export const signals = v.object({
  cpu: nullable(
    v.object({
      cores: num,
      available: num,
      probeCores: num,
      /** Absent in reports of older versions. */
      busiestThread: v.optional(nullable(v.object({ group: text, cores: num, wanted: num })), null),
      fidelity,
    }),
  ),
  /** Absent in reports of older versions. */
  cgroup: v.optional(nullable(v.object({ cores: nullable(num), share: num, stopped: num, fidelity }))),
  memory: nullable(v.object({ rssPeakBytes: num, rssMeanBytes: num, fidelity })),
  threads: nullable(
    v.object({
      peak: num,
      mean: num,
      created: num,
      createdLow: num,
      createdHigh: num,
      exited: num,
      createdPerSecond: num,
      createdPerRequest: nullable(num),
      lifetimeMs: nullable(v.object(quantiles)),
      fidelity,
    }),
  ),
  workers: nullable(
    v.object({
      created: num,
      exited: num,
      createdPerRequest: nullable(num),
      livePeak: num,
      lifetimeMs: nullable(v.object(quantiles)),
      heapBytesEach: nullable(num),
      fidelity,
    }),
  ),
  processes: nullable(
    v.object({
      created: num,
      createdLow: v.optional(num),
      createdHigh: v.optional(num),
      createdPerRequest: nullable(num),
      fidelity,
    }),
  ),
  switches: nullable(v.object({ voluntaryPerSecond: num, involuntaryPerSecond: num, fidelity })),
  runQueue: nullable(v.object({ threadSecondsPerSecond: num, runnableThreads: num, fidelity })),
  lockWait: nullable(
    v.object({
      seconds: num,
      secondsLow: num,
      secondsHigh: num,
      threadSecondsPerSecond: num,
      unclassifiedSeconds: num,
      ratio: num,
      fidelity,
    }),
  ),
  eventLoop: nullable(
    v.object({
      turnMs: v.object(quantiles),
      utilization: nullable(num),
      mainThreadCpu: nullable(num),
      /** Of the requests that main threads serve, those that this one does. */
      requestShare: v.optional(num),
      stallsOver50Ms: num,
      blockedSeconds: num,
      fidelity,
    }),
  ),
  /** Loops of native threads, the busiest group first; times in milliseconds, `t` since the recording began. */
  loops: v.optional(
    nullable(
      v.object({
        groups: v.array(
          v.object({
            group: text,
            threads: num,
            poll: v.picklist(['epoll', 'poll']),
            turns: num,
            busy: num,
            turnMs: v.object(quantiles),
            over10Ms: num,
            longest: v.array(v.object({ t: num, ms: num, pid: num, tid: num })),
          }),
        ),
        fidelity,
      }),
    ),
    null,
  ),
  gc: nullable(
    v.object({
      pauseSeconds: num,
      share: num,
      mainThreadShare: num,
      /** The worst is a JVM, of which a pause stops every thread. */
      stopsAll: v.optional(v.boolean()),
      longestMs: num,
      /** Half of the time in pauses is in ones of this length or longer; 0 under 2 ms. */
      typicalMs: v.optional(num),
      heapUsedPeakBytes: nullable(num),
      fidelity,
    }),
  ),
  /** What holdup's own load driver was short of; null where it drove none. */
  client: v.optional(
    nullable(
      v.object({
        cores: num,
        idleCores: num,
        lagMs: v.object(quantiles),
        pacingMs: nullable(v.object(quantiles)),
        queuedPeak: nullable(num),
      }),
    ),
    null,
  ),
  /** From here on absent in reports of older versions. Who else used the machine's cores; threads of the target that wanted one, and waited. */
  neighbours: v.optional(
    nullable(
      v.object({
        cores: num,
        others: num,
        stolen: num,
        idle: num,
        wanted: num,
        queued: num,
        programs: v.array(v.object({ name: text, cores: num })),
        fidelity,
      }),
    ),
  ),
  /** Connections of clients, and of them those with data sent and not acknowledged; on average. */
  clientSockets: v.optional(nullable(v.object({ open: num, unacked: num, fidelity }))),
  upstreams: v.optional(
    nullable(v.object({ connections: num, peers: v.array(v.object({ to: text, connections: num })), fidelity })),
  ),
  http: nullable(http),
  /** As the target's own server saw it, beside `http` when that is the client's view. */
  httpServer: nullable(http),
})
