/** How true the latencies of holdup's load driver are, beside wrk's, and how well it keeps a rate: `npm run bench:load`. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, release } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readClient } from '../src/analysis/client.ts'
import { summariseLoad } from '../src/analysis/http.ts'
import { indexRecords } from '../src/analysis/index-records.ts'
import { type DriveOptions, LoadDriver } from '../src/load/load-driver.ts'
import type { AnyRecord, Header, RecordOf } from '../src/recording/schema.ts'
import { formatMs, formatNumber, formatRatio } from '../src/units.ts'
import { abba } from './lib/abba.ts'
import { textTable } from './lib/text-table.ts'

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '8' },
    /** Of the open loop. */
    rate: { type: 'string', default: '1000' },
    'rate-seconds': { type: 'string', default: '30' },
    'stop-ms': { type: 'string', default: '2000' },
  },
})
const seconds = Number(options.seconds)
const connections = Number(options.connections)
/** Waits some 2 to 12 ms, and computes for half a millisecond. */
const SERVICE = `
  require('node:http').createServer((request, response) => setTimeout(() => {
    const until = performance.now() + 0.5
    while (performance.now() < until);
    response.end('x'.repeat(1000))
  }, 2 + Math.random() ** 3 * 10)).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

const { url, server } = await startService()
try {
  console.log(
    `${new Date().toISOString()} · Node ${process.version} · ${availableParallelism()} cores · Linux ${release()}`,
  )
  await besideWrk()
  await openLoop()
} finally {
  server.kill('SIGKILL')
}

async function besideWrk(): Promise<void> {
  await drive({ url, connections, durationMs: 2000 })
  const pairs = await abba(
    Number(options.pairs),
    async () => wrk(),
    async () => ours(),
  )
  const rows = pairs.map(({ a, b }, i) => [
    `${i + 1}`,
    ...[a.p50, b.p50, a.p99, b.p99].map(formatMs),
    formatRatio(b.p50 / a.p50 - 1),
  ])
  console.log(`\n${connections} connections, ${seconds} s each, interleaved`)
  console.log(textTable([['pair', 'p50 wrk', 'p50 holdup', 'p99 wrk', 'p99 holdup', 'p50 differs'], ...rows]))
  const wrkP99 = pairs.map(({ a }) => a.p99)
  const p50 = median(pairs.map(({ b }) => b.p50)) / median(pairs.map(({ a }) => a.p50)) - 1
  const p99 = median(pairs.map(({ b }) => b.p99))
  const spread = [Math.min(...wrkP99), Math.max(...wrkP99)] as const
  const isIn = p99 >= spread[0] && p99 <= spread[1]
  console.log(`p50: holdup's median is ${formatRatio(p50)} off wrk's (limit 5 %): ${verdict(Math.abs(p50) <= 0.05)}`)
  console.log(
    `p99: holdup's median is ${formatMs(p99)}, wrk's runs span ${spread.map(formatMs).join(' to ')}: ${verdict(isIn)}`,
  )
}

async function openLoop(): Promise<void> {
  const rate = Number(options.rate)
  const durationMs = Number(options['rate-seconds']) * 1000
  const stopMs = Number(options['stop-ms'])
  for (const stopped of [false, true]) {
    const driving = drive({ url, connections: 1000, rate, durationMs })
    if (stopped) {
      await sleep(durationMs / 2)
      server.kill('SIGSTOP')
      await sleep(stopMs)
      server.kill('SIGCONT')
    }
    const { http, client } = await driving
    const { p50, p90, p99, max } = http.latencyMs
    console.log(
      `\n${rate} requests/s for ${durationMs / 1000} s${stopped ? `, the service stopped for ${formatMs(stopMs)}` : ''}`,
    )
    console.log(
      `latency p50 ${formatMs(p50)} · p90 ${formatMs(p90)} · p99 ${formatMs(p99)} · max ${formatMs(max)} · ${formatNumber(http.requests)} answered, ${http.errors} failed`,
    )
    const { pacingMs, lagMs, cores, queuedPeak } = client
    console.log(
      `pacing: late by p50 ${formatMs(pacingMs?.p50 ?? 0)} · p99 ${formatMs(pacingMs?.p99 ?? 0)} · max ${formatMs(pacingMs?.max ?? 0)}; loop lag p99 ${formatMs(lagMs.p99)}; ${formatNumber(cores)} cores; ${formatNumber(queuedPeak ?? 0)} waited for a connection at most`,
    )
    // Of requests at an even rate that each wait to the end of the stop, p99 lies where 1 % of all are later.
    const expected = stopMs - 0.01 * durationMs
    if (stopped) console.log(`p99 by arithmetic ${formatMs(expected)} or over: ${verdict(p99 >= 0.95 * expected)}`)
  }
}

async function startService() {
  const server = spawn(process.execPath, ['-e', SERVICE], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = (await once(server.stdout, 'data')) as [Buffer]
  return { server, url: `http://127.0.0.1:${String(port).trim()}/` }
}

/** Drives load by holdup's own driver; what it measured. */
async function drive(how: DriveOptions) {
  const records: RecordOf<'load'>[] = []
  const driver = new LoadDriver()
  const began = performance.now()
  driver.start({
    sink: { add: (record: AnyRecord) => record.k === 'load' && records.push(record), string: () => 0, stack: () => 0 },
    now: () => performance.now() - began,
    processes: () => [],
  })
  await driver.drive(how)
  await driver.ended()
  const [first, last] = [records[0], records.at(-1)]
  if (!first || !last) throw new Error('the load driver told of no requests')
  const header = { host: { cores: availableParallelism() } } as Header
  const data = { header, records, strings: [], stacks: [], problems: { cutOff: null } }
  const client = readClient(indexRecords(data, [0, Infinity]))
  if (!client) throw new Error('the load driver said nothing of itself')
  return { http: summariseLoad(records, [first.t - first.ms, last.t]), client }
}

async function ours(): Promise<{ p50: number; p99: number }> {
  const { http } = await drive({ url, connections, durationMs: seconds * 1000 })
  return http.latencyMs
}

function wrk(): { p50: number; p99: number } {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url]
  const { stdout, status, error } = spawnSync('wrk', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`wrk ended with ${status}: ${error?.message ?? stdout}`)
  const at = (share: string) => {
    const [, number, unit] = new RegExp(`${share}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout) ?? []
    return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's']
  }
  return { p50: at('50'), p99: at('99') }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2
}

function verdict(holds: boolean): string {
  return holds ? 'holds' : 'does not hold'
}
