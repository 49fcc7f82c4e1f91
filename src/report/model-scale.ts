/** What `holdup scale` found, as the report's schema has it. */
import * as v from 'valibot'
import { nullable, num, quantiles, text } from './model-values.ts'

const interval = v.tuple([num, num])

/** Of `holdup scale`. `n`: connections, each with one request in flight; what was not measured is null. */
export const scale = v.object({
  points: v.array(
    v.object({
      n: num,
      of: v.picklist(['ramp', 'capacity']),
      from: num,
      to: num,
      perSecond: num,
      latencyMs: v.object({ mean: num, stddev: num, ...quantiles }),
      errorShare: num,
      holds: nullable(v.boolean()),
      cores: nullable(num),
      available: nullable(num),
      idleCores: nullable(num),
      clientCores: nullable(num),
      mainThread: nullable(num),
      /** Absent in reports of older versions. */
      busiestThread: v.optional(nullable(num), null),
      runQueue: nullable(num),
      threads: nullable(num),
      createdPerRequest: nullable(num),
      switchesPerRequest: nullable(num),
      cpuMsPerRequest: nullable(num),
      lock: nullable(
        v.object({
          pid: num,
          slot: text,
          kind: v.picklist(['mutex', 'rwlock', 'promise-lock', 'gil']),
          name: text,
          heldUp: num,
          waiterThreads: num,
          holdPerSecond: nullable(num),
        }),
      ),
      clientBusy: v.boolean(),
    }),
  ),
  /** X(N) = λN / (1 + σ(N−1) + κN(N−1)), with intervals of 95 % for the three together. */
  fit: nullable(
    v.object({
      lambda: num,
      sigma: num,
      kappa: num,
      peak: nullable(num),
      intervals: v.object({ lambda: interval, sigma: interval, kappa: interval }),
      r2: num,
    }),
  ),
  ended: text,
  limit: v.object({
    kind: v.picklist(['lock', 'crosstalk', 'cores', 'one-thread', 'elsewhere', 'client', 'nothing', 'unknown']),
    summary: text,
    n: num,
    lock: nullable(v.object({ pid: num, slot: text, name: text, bound: nullable(num) })),
  }),
  capacity: nullable(v.object({ n: num, slo: text, trials: num, isBound: v.boolean() })),
})
