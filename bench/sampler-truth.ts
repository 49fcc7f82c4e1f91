/** How true native-sampler's lock waits are, by what the program measured itself: `npm run bench:sampler-truth`. */
import { availableParallelism, release } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { NativeSampler } from '../src/probes/native-sampler/probe.ts'
import type { AnyRecord, RecordOf } from '../src/recording/schema.ts'
import { formatMs, formatRatio, type Milliseconds } from '../src/units.ts'
import { buildNativeTarget, type NativeTarget } from './lib/native-target.ts'
import { textTable } from './lib/text-table.ts'

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, rounds: { type: 'string', default: '3' } },
})
const PROGRAMS = ['contended 16 200', 'contended 64 200', 'rwlock 16 200', 'contended 16 1', 'pool 16']

const start = buildNativeTarget()
const rows = [['program', 'truth', 'low', 'high', 'low/truth', 'high/truth', 'unclassified', 'holder known']]
for (const program of PROGRAMS) {
  for (let round = 0; round < Number(options.rounds); round++) {
    const target = await start(program.split(' '))
    rows.push([program, ...(await compare(target))])
    await target.end()
  }
}
console.log(`${new Date().toISOString()}, ${availableParallelism()} cores, Linux ${release()}, Node ${process.version}`)
console.log(textTable(rows))

async function compare(target: NativeTarget): Promise<string[]> {
  const records: AnyRecord[] = []
  const sink = { string: () => 0, stack: () => 0, add: (record: AnyRecord) => void records.push(record) }
  const probe = new NativeSampler()
  const began = performance.now()
  const processes = () => [{ pid: target.pid, ppid: 1, command: 'locks' }]
  probe.start({ sink, now: () => performance.now() - began, processes })
  const before = await target.lockMs()
  await sleep(Number(options.seconds) * 1000)
  const truth = (await target.lockMs()) - before
  await probe.stop()
  const blocked = records.filter((record): record is RecordOf<'blocked'> => record.k === 'blocked')
  const low = sum(blocked, 'contended', 'ms')
  const high = low + sum(blocked, 'contended', 'queuedMs')
  const ratio = (ms: Milliseconds) => (truth > 0 ? formatRatio(ms / truth) : '–')
  const holders = records.filter((record): record is RecordOf<'holder'> => record.k === 'holder')
  const looks = (some: readonly RecordOf<'holder'>[]) => some.reduce((n, record) => n + record.n, 0)
  return [
    ...[truth, low, high].map(formatMs),
    ratio(low),
    ratio(high),
    formatMs(sum(blocked, 'unclassified', 'ms')),
    looks(holders) > 0 ? formatRatio(looks(holders.filter(({ tid }) => tid > 0)) / looks(holders)) : '–',
  ]
}

function sum(records: readonly RecordOf<'blocked'>[], state: string, field: 'ms' | 'queuedMs'): Milliseconds {
  return records.filter((record) => record.state === state).reduce((ms, record) => ms + record[field], 0)
}
