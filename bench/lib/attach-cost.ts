import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../../src/units.ts'
import { abba } from './abba.ts'
import { type AttachSlice, attachSlice, bareSlice, type LoadSlice } from './attach-slice.ts'
import { bootstrapMedian, type Interval } from './bootstrap.ts'
import type { Fixture } from './fixture.ts'
import { BenchServer } from './server.ts'
import { StallLog, stallLogEnvironment } from './stall-log.ts'
import { SteadyLoad } from './steady-load.ts'
import { BARE } from './variants.ts'

export interface AttachPlan {
  /** Each beside a slice of the same load without one. */
  attaches: number
  /** Of slices without an attach: the noise. */
  barePairs: number
  connections: number
  /** How long each records. */
  recordMs: Milliseconds
}

/** In milliseconds; one of each attach. */
export interface AttachCost {
  fixture: string
  /** The longest delay of the event loop around the injection and around the agent's leaving, and as long without an attach. */
  stallMs: number[]
  stallInMs: number[]
  stallOutMs: number[]
  bareStallMs: number[]
  /** Of the most that the thread was on CPU in one such delay: what neighbours on the machine can't have made. */
  stallCpuMs: number[]
  bareStallCpuMs: number[]
  openMs: number[]
  firstDataMs: number[]
  /** From holdup's start to its end. */
  wholeMs: number[]
  /** Of pairs attached / bare, and bare / bare. */
  rate: Interval
  bareRate: Interval
  cpu: Interval
  bareCpu: Interval
  /** Requests a second without an attach. */
  bareRequests: number[]
}

const WARM_UP_MS = 10_000
/** After an attach, before the next slice. */
const REST_MS = 500
const AFTER_INJECTION_MS = 1000
/** The agent hears of the end up to 0.4 s after it; the recording's length counts from a moment after the injection. */
const BEFORE_END_MS = 100

interface Pair {
  a: LoadSlice
  b: LoadSlice
}

/** Attaches to a server of the fixture under steady load, again and again, with slices of the load alone between. */
export async function attachCost(fixture: Fixture, plan: AttachPlan): Promise<AttachCost> {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-attach-'))
  const cost = await measure(fixture, plan, folder)
  rmSync(folder, { recursive: true })
  return cost
}

async function measure(fixture: Fixture, plan: AttachPlan, folder: string): Promise<AttachCost> {
  const log = join(folder, 'stalls.ndjson')
  const variant = { ...BARE, env: stallLogEnvironment(log) }
  const server = await BenchServer.start(variant, fixture, join(folder, 'server'), 'collect')
  const load = await SteadyLoad.start(server.url, fixture.paths, plan.connections)
  const stalls = new StallLog(log)
  try {
    await sleep(WARM_UP_MS)
    const bare = async () => {
      await sleep(REST_MS)
      return bareSlice(server.pid, folder, plan.recordMs)
    }
    let attaches = 0
    const attach = async () => {
      await sleep(REST_MS)
      return attachSlice(server.pid, join(folder, `attach-${attaches++}`), plan.recordMs)
    }
    const pairs = await abba<LoadSlice>(plan.attaches, bare, attach)
    const barePairs = await abba(plan.barePairs, bare, bare)
    await sleep(REST_MS)
    stalls.read()
    if (load.failed > 0) throw new Error(`${load.failed} requests failed`)
    return costOf(fixture.name, plan, pairs as { a: LoadSlice; b: AttachSlice }[], barePairs, load, stalls)
  } finally {
    stalls.close()
    await load.stop()
    await server.stop()
  }
}

function costOf(
  fixture: string,
  { recordMs }: AttachPlan,
  pairs: readonly { a: LoadSlice; b: AttachSlice }[],
  barePairs: readonly Pair[],
  load: SteadyLoad,
  stalls: StallLog,
): AttachCost {
  const around = pairs.map(({ a, b }) => {
    const inUntil = b.closedAt + AFTER_INJECTION_MS
    const outFrom = b.closedAt + recordMs - BEFORE_END_MS
    const longest = (slice: LoadSlice, from: Milliseconds, to: Milliseconds) =>
      stalls.longest(slice.from + from - b.from, slice.from + to - b.from)
    const of = (slice: LoadSlice) => ({ in: longest(slice, b.from, inUntil), out: longest(slice, outFrom, b.to) })
    return { attached: of(b), bare: of(a) }
  })
  const rate = ({ from, to }: LoadSlice) => load.rate(from, to)
  const cpu = (slice: LoadSlice) => slice.cpuMs / (slice.to - slice.from) / rate(slice)
  const ratios = (of: (slice: LoadSlice) => number, pairs: readonly Pair[]) =>
    bootstrapMedian(pairs.map(({ a, b }) => [of(b) / of(a)]))
  return {
    fixture,
    stallMs: around.map(({ attached }) => Math.max(attached.in.ms, attached.out.ms)),
    stallInMs: around.map(({ attached }) => attached.in.ms),
    stallOutMs: around.map(({ attached }) => attached.out.ms),
    bareStallMs: around.map(({ bare }) => Math.max(bare.in.ms, bare.out.ms)),
    stallCpuMs: around.map(({ attached }) => Math.max(attached.in.cpuMs, attached.out.cpuMs)),
    bareStallCpuMs: around.map(({ bare }) => Math.max(bare.in.cpuMs, bare.out.cpuMs)),
    openMs: pairs.map(({ b }) => b.closedAt - b.openedAt),
    firstDataMs: pairs.map(({ b }) => b.firstDataAt - b.from),
    wholeMs: pairs.map(({ b }) => b.to - b.from),
    rate: ratios(rate, pairs),
    bareRate: ratios(rate, barePairs),
    cpu: ratios(cpu, pairs),
    bareCpu: ratios(cpu, barePairs),
    bareRequests: pairs.map(({ a }) => rate(a)),
  }
}
