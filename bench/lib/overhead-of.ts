import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { abba } from './abba.ts'
import { bootstrapMedian, type Interval, median } from './bootstrap.ts'
import type { Fixture } from './fixture.ts'
import { BenchServer, type Slice } from './server.ts'
import { BARE, type Variant } from './variants.ts'

export interface Plan {
  /** Of slices, over all the servers. */
  pairs: number
  /** How often both servers are started anew: what a process is dealt (addresses, V8's decisions) lasts its whole life. */
  servers: number
  sliceMs: number
  connections: number
}

export interface Overhead {
  fixture: string
  variant: string
  /** CPU of the target a request, in microseconds: medians over the slices. */
  bareCpuUs: number
  cpuUs: number
  /** Of the pairs' ratios variant / bare. */
  cpu: Interval
  /** The same of the time that the slices took. */
  time: Interval
  /** What the tool's own processes used, in cores. */
  toolCores: number
  requestsPerSlice: number
  /** Of the pairs, by servers. */
  ratios: number[][]
}

/** Of each server before measuring; V8 then still optimises a little in the 16 threads of mutex-pool, in both alike. */
const WARM_UP_REQUESTS = 2400

type Pair = { a: Slice; b: Slice }

/** Runs the fixture bare and under the variant side by side, and measures slices of the same requests in turn. */
export async function overheadOf(variant: Variant, fixture: Fixture, plan: Plan): Promise<Overhead> {
  const groups: Pair[][] = []
  for (let n = 0; n < plan.servers; n++) groups.push(await measureServers(variant, fixture, plan))
  const all = groups.flat()
  const ratios = groups.map((pairs) => pairs.map(({ a, b }) => b.cpuUs / a.cpuUs))
  return {
    fixture: fixture.name,
    variant: variant.name,
    bareCpuUs: median(all.map(({ a }) => a.cpuUs)),
    cpuUs: median(all.map(({ b }) => b.cpuUs)),
    cpu: bootstrapMedian(ratios),
    time: bootstrapMedian(groups.map((pairs) => pairs.map(({ a, b }) => b.ms / a.ms))),
    toolCores: median(all.map(({ b }) => b.toolCores)),
    requestsPerSlice: median(all.map(({ a }) => a.requests)),
    ratios,
  }
}

async function measureServers(variant: Variant, fixture: Fixture, plan: Plan): Promise<Pair[]> {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-'))
  const servers: BenchServer[] = []
  try {
    const bare = await BenchServer.start(BARE, fixture, join(folder, 'bare'), 'collect')
    servers.push(bare)
    const other = await BenchServer.start(variant, fixture, join(folder, 'variant'), 'collect')
    servers.push(other)
    const requests = await requestsFor(plan, fixture, [bare, other])
    const slice = (server: BenchServer) => () => server.slice(requests, plan.connections)
    return await abba(Math.ceil(plan.pairs / plan.servers), slice(bare), slice(other))
  } finally {
    for (const server of servers) await server.stop()
    if (servers.length === 2) rmSync(folder, { recursive: true })
  }
}

/**
 * Warms both up, in turn as they are measured later (a server that idles long gives up heap and optimised code), and
 * finds how many whole rounds over the queries fill a slice.
 */
async function requestsFor(plan: Plan, fixture: Fixture, [a, b]: [BenchServer, BenchServer]): Promise<number> {
  const round = fixture.paths.length
  const warmUp = (server: BenchServer) => () => server.slice(round, plan.connections)
  const slices = await abba(WARM_UP_REQUESTS / round, warmUp(a), warmUp(b))
  // The fastest: others on the machine only slow a round down.
  const roundMs = Math.min(...slices.map(({ a }) => a.ms))
  return round * Math.max(1, Math.round(plan.sliceMs / roundMs))
}
