/** What sampling a native program costs by its number of threads, and how fast symbols are had: `npm run bench:scale`. */
import { readFileSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { NativeSampler } from '../src/probes/native-sampler/probe.ts'
import type { Probe } from '../src/probes/probe.ts'
import { ProcProbe } from '../src/probes/proc/probe.ts'
import type { AnyRecord, RecordOf } from '../src/recording/schema.ts'
import { ElfModule } from '../src/symbols/elf-module.ts'
import { formatNumber, formatRatio, type Seconds } from '../src/units.ts'
import { buildNativeTarget } from './lib/native-target.ts'
import { textTable } from './lib/text-table.ts'

const { values: options } = parseArgs({
  options: {
    /** Numbers of threads. */
    threads: { type: 'string', default: '16,256,4000,10000' },
    seconds: { type: 'string', default: '5' },
  },
})
const start = buildNativeTarget()
const rows = [['threads', 'probe', '% of a core', 'of it in sweeps', 'sweeps/s', 'threads a sweep', 'kB/s']]
for (const threads of options.threads.split(',').map(Number)) {
  // More than 512 threads cannot measure themselves: those have nothing to do.
  const args = threads > 512 ? ['pool', String(threads)] : ['contended', String(threads), '200']
  const target = await start(args)
  for (const probe of [new NativeSampler(), new ProcProbe()]) rows.push(await cost(probe, target.pid, args))
  await target.end()
}
console.log(`${new Date().toISOString()}, ${availableParallelism()} cores, Linux ${release()}, Node ${process.version}`)
console.log(textTable(rows))
const began = performance.now()
const node = new ElfModule(process.execPath, process.execPath, '/')
console.log(
  `symbols of ${process.execPath} read in ${formatNumber(performance.now() - began)} ms (lines: ${node.linesFile ?? 'none'})`,
)

async function cost(probe: Probe, pid: number, args: readonly string[]): Promise<string[]> {
  const records: AnyRecord[] = []
  let bytes = 0
  const count = (text: string) => (bytes += text.length)
  const sink = {
    string: count,
    stack: (frames: readonly string[]) => count(frames.join()),
    add: (record: AnyRecord) => void (records.push(record), count(JSON.stringify(record))),
  }
  const began = performance.now()
  await probe.start({
    sink,
    now: () => performance.now() - began,
    processes: () => [{ pid, ppid: 1, command: 'locks' }],
  })
  // What is done once, as reading symbols, is not the cost of a sweep.
  await sleep(1500)
  const before = { cpu: cpuSeconds(), sweeps: probe.cost().cpuSeconds, t: performance.now(), bytes }
  records.length = 0
  await sleep(Number(options.seconds) * 1000)
  const seconds = (performance.now() - before.t) / 1000
  const spent = {
    cpu: cpuSeconds() - before.cpu,
    sweeps: probe.cost().cpuSeconds - before.sweeps,
    bytes: bytes - before.bytes,
  }
  await probe.stop()
  const { sweepsPerSecond, looked } = summary(records, seconds)
  return [
    args.join(' '),
    probe.id,
    formatRatio(spent.cpu / seconds),
    formatRatio(spent.sweeps / seconds),
    formatNumber(sweepsPerSecond),
    formatNumber(looked),
    formatNumber(spent.bytes / seconds / 1000),
  ]
}

/** Sweeps a second, and threads looked at in each, by the records. */
function summary(records: readonly AnyRecord[], seconds: Seconds): { sweepsPerSecond: number; looked: number } {
  const sampled = records.filter((record): record is RecordOf<'sampled'> => record.k === 'sampled')
  const swept = records.filter((record): record is RecordOf<'threads'> => record.k === 'threads')
  const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0)
  const mean = (numbers: readonly number[]) => sum(numbers) / Math.max(1, numbers.length)
  if (sampled.length === 0)
    return { sweepsPerSecond: swept.length / seconds, looked: mean(swept.map(({ tids }) => tids.length)) }
  const covered = sum(sampled.map(({ ms }) => ms)) / 1000
  return {
    sweepsPerSecond: sum(sampled.map(({ sweeps }) => sweeps)) / covered,
    looked: mean(sampled.map((record) => record.looked)),
  }
}

/** Of this process and the tools that it ran. */
function cpuSeconds(): Seconds {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)?.split(' ') ?? []
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6 + (Number(fields[13]) + Number(fields[14])) / 100
}
