/** Reports of runs on a machine as noisy as a shared one, by a seeded generator. */
import type { Report } from '../../src/report/model.ts'
import { base } from '../support/report.ts'

interface Noise {
  /** Of the second run of each pair: its CPU per request. */
  cpuFactor?: number
  neighbours?: boolean
}

/** 0 to 1, by a linear congruential generator (Lehmer, 48271). */
function uniforms(seed: number): () => number {
  let state = (seed * 7919 + 1) % 2147483647
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647
  for (let i = 0; i < 10; i++) next()
  return next
}

/**
 * One run. `machine` is what it shares with the other of its pair; one run in ten meets a neighbour, which slows all of it by
 * up to the double. Latencies have heavy tails, threads come in whole numbers, stalls and collections are mostly absent.
 */
function noisyRun(random: () => number, machine: number, { cpuFactor = 1, neighbours = true }: Noise): Report {
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  const heavy = () => normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3)
  const neighbour = neighbours && random() < 0.1 ? 1 + random() : 1
  const slow = machine * neighbour
  const about = (value: number, spread: number, noise = normal()) => value * Math.exp(spread * noise)
  const mean = about(35 * slow, 0.02)
  const perSecond = 32_000 / mean
  const cores = ((about(1.5, 0.02) * Math.sqrt(neighbour) * cpuFactor * machine) / 1000) * perSecond
  const { http, cpu, memory, threads, switches, runQueue, lockWait, eventLoop, gc } = base.signals
  if (!http || !cpu || !memory || !threads || !switches || !runQueue || !lockWait || !eventLoop || !gc)
    throw new Error('the report measures them')
  const latencyMs = {
    ...http.latencyMs,
    mean,
    stddev: about(14 * slow, 0.1, heavy()),
    p50: about(mean * 0.9, 0.01),
    p99: about(71 * slow, 0.1, heavy()),
  }
  return {
    ...base,
    signals: {
      ...base.signals,
      http: { ...http, perSecond, latencyMs, inFlightPeak: 30 + Math.floor(random() * 3) },
      cpu: { ...cpu, cores },
      memory: { ...memory, rssPeakBytes: about(160e6, 0.02) },
      threads: { ...threads, peak: 11 + Math.floor(random() * 2) },
      switches: {
        ...switches,
        voluntaryPerSecond: about(2, 0.05) * perSecond,
        involuntaryPerSecond: about(100, 0.4) * slow,
      },
      runQueue: { ...runQueue, threadSecondsPerSecond: about(0.1 * slow ** 3, 0.5) },
      lockWait: { ...lockWait, threadSecondsPerSecond: random() < 0.3 ? about(0.4, 1) : 0 },
      eventLoop: { ...eventLoop, blockedSeconds: random() < 0.2 ? about(0.4, 1) : 0 },
      gc: { ...gc, share: about(0.012, 0.3, heavy()) },
    },
  }
}

/** Pairs of runs of one program. */
export function noisyPairs(seed: number, pairs: number, noise: Noise = {}): { before: Report[]; after: Report[] } {
  const random = uniforms(seed)
  const before: Report[] = []
  const after: Report[] = []
  for (let pair = 0; pair < pairs; pair++) {
    // As warm, as clocked, as crowded: the same for both.
    const machine = 1 + 0.4 * random()
    before.push(noisyRun(random, machine, { ...noise, cpuFactor: 1 }))
    after.push(noisyRun(random, machine, noise))
  }
  return { before, after }
}
