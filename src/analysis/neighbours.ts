import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import { valueAt } from './counters.ts'
import type { Source } from './index-records.ts'
import type { Neighbours } from './signals.ts'
import type { ThreadSamples } from './thread-samples.ts'

/** A long recording is looked at in parts of more than a second. */
const SPANS_AT_MOST = 300
/** Programs that use less than this share of what the first one does are not worth a word. */
const WORTH_A_WORD: Ratio = 0.1
const NAMED = 3

/** Who else used the cores of the machine, second by second; null where that, or who waited for a core, was not seen. */
export function readNeighbours(source: Source, threads: ReadonlyMap<string, ThreadSamples>): Neighbours | null {
  const records = source.within('machine')
  const own = [...threads.values()].filter(({ role }) => !role.ours)
  const isCounted = own.some(({ queued }) => Array.from(queued.values).some((ms) => ms >= 0))
  if (records.length === 0 || !isCounted) return null
  const each = Math.ceil(records.length / SPANS_AT_MOST)
  const parts = Array.from({ length: Math.ceil(records.length / each) }, (_, i) =>
    records.slice(i * each, (i + 1) * each),
  )
  return {
    cores: Math.max(...records.map(({ cores }) => cores)),
    spans: parts.map((part) => spanOf(part, own)),
    programs: programsOf(source, records),
    fidelity: 'sampled',
  }
}

function spanOf(records: readonly RecordOf<'machine'>[], own: readonly ThreadSamples[]): Neighbours['spans'][number] {
  const sum = (field: 'ms' | 'busyMs' | 'idleMs' | 'stealMs' | 'ownMs' | 'targetMs') =>
    records.reduce((all, record) => all + record[field], 0)
  const ms = sum('ms')
  const to = records.at(-1)?.t ?? 0
  const grown = (of: 'cpu' | 'queued') =>
    own.reduce((all, thread) => all + valueAt(thread[of], to) - valueAt(thread[of], to - ms), 0)
  const queued = grown('queued')
  return {
    seconds: ms / 1000,
    own: sum('ownMs') / ms,
    others: Math.max(0, sum('busyMs') - sum('ownMs') - sum('targetMs')) / ms,
    stolen: sum('stealMs') / ms,
    idle: sum('idleMs') / ms,
    queued: queued / ms,
    wanted: (queued + grown('cpu')) / ms,
  }
}

/** What they were, as far as they were named. */
function programsOf(source: Source, records: readonly RecordOf<'machine'>[]): Neighbours['programs'] {
  const used = new Map<string, Milliseconds>()
  for (const { name, cpuMs } of source.within('neighbour')) used.set(name, (used.get(name) ?? 0) + cpuMs)
  const ms = records.reduce((all, record) => all + record.ms, 0)
  return [...used]
    .map(([name, cpuMs]) => ({ name, cores: cpuMs / ms }))
    .toSorted((a, b) => b.cores - a.cores)
    .filter(({ cores }, _, [first]) => cores >= WORTH_A_WORD * (first?.cores ?? 0))
    .slice(0, NAMED)
}
