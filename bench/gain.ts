/**
 * How true it is what a report says that a fix would buy: services with a fault, beside the same work without it, in turn.
 * `npm run bench:gain`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../src/cli/free-port.ts'
import type { Report } from '../src/report/model.ts'
import { formatNumber, formatRatio } from '../src/units.ts'
import { textTable } from './lib/text-table.ts'
import { median } from './lib/bootstrap.ts'

const ROOT = join(import.meta.dirname, '..')
const WITHIN = 0.25
/** Less is info, by the model of severity. */
const NOTHING = 1.1

const { values: options } = parseArgs({
  options: {
    fixtures: { type: 'string', default: 'mutex-pool,cpp/mutex-pool,cpp/shared-counters,cpp/spin-pool,cpp/busy-mutex' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
  },
})

interface Run {
  perSecond: number
  /** The most that a finding says. */
  gain: number | null
  cpuMs: number
  waits: number
  ids: string[]
}

console.log(
  `${new Date().toISOString()} · Node ${process.version} · ${availableParallelism()} cores · Linux ${release()}`,
)
const rows = [['fixture', 'requests/s', 'fixed', 'gain', 'predicted', 'CPU a wait', 'found']]
const verdicts: string[] = []
for (const name of options.fixtures.split(',')) {
  const faulty: Run[] = []
  const fixed: Run[] = []
  for (let round = 0; round < Number(options.rounds); round++) {
    faulty.push(await run(name, {}))
    fixed.push(await run(name, { FIXED: '1' }))
  }
  const of = (runs: Run[], figure: (run: Run) => number) => median(runs.map(figure))
  const measured = of(fixed, ({ perSecond }) => perSecond) / of(faulty, ({ perSecond }) => perSecond)
  const predictions = faulty.flatMap(({ gain }) => gain ?? [])
  const predicted = predictions.length === faulty.length ? median(predictions) : null
  const waits = of(faulty, (run) => run.waits)
  const more = of(faulty, ({ cpuMs }) => cpuMs) - of(fixed, ({ cpuMs }) => cpuMs)
  rows.push([
    name,
    formatNumber(of(faulty, ({ perSecond }) => perSecond)),
    formatNumber(of(fixed, ({ perSecond }) => perSecond)),
    formatNumber(measured),
    predicted === null ? '–' : formatNumber(predicted),
    waits > 10 ? `${formatNumber((more * 1000) / waits)} µs` : '–',
    faulty[0]?.ids.join(' ') ?? '',
  ])
  const off = predicted === null ? null : predicted / Math.max(1, measured) - 1
  const bothNothing = predicted !== null && predicted < NOTHING && measured < NOTHING
  const holds = off !== null && (bothNothing || Math.abs(off) <= WITHIN)
  if (!holds) process.exitCode = 1
  verdicts.push(
    `${holds ? 'holds' : 'FAILS'}: ${name}: predicted ${off === null ? 'nothing' : `${formatRatio(off)} off`}, at most ${formatRatio(WITHIN)}`,
  )
}
console.log(`\n${textTable(rows)}\n${verdicts.join('\n')}`)

async function run(name: string, env: Record<string, string>): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-gain-'))
  const fixture = join(ROOT, 'fixtures', name.includes('/') ? name : `node/${name}`)
  const { load } = JSON.parse(readFileSync(join(fixture, 'expect.json'), 'utf8')) as { load: { connections: number } }
  const port = String(await freePort())
  const flags = ['-d', `${Number(options.seconds) + 3}s`, '--warmup', '3s', '-c', String(load.connections)]
  const requests = [
    '--load',
    `http://127.0.0.1:${port}/search?q=tree`,
    '--requests-from',
    join(ROOT, 'fixtures/node/corpus/queries.txt'),
  ]
  try {
    const json = execFileSync(
      process.execPath,
      [
        join(ROOT, 'dist/cli/main.js'),
        'run',
        '--json',
        '-o',
        join(folder, 'out'),
        ...flags,
        ...requests,
        '--',
        join(fixture, 'run.sh'),
      ],
      {
        env: { ...process.env, ...env, PORT: port, NODE: process.execPath },
        stdio: ['ignore', 'pipe', 'ignore'],
        maxBuffer: 1e9,
      },
    )
    return figures(JSON.parse(String(json)) as Report)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function figures({ signals, results, locks }: Report): Run {
  const requests = signals.http?.requests ?? 0
  const findings = results.flatMap(({ id, findings }) => findings.map((finding) => ({ id, ...finding })))
  const gains = findings.flatMap(({ cost: { gain } }) => gain ?? [])
  return {
    perSecond: signals.http?.perSecond ?? 0,
    gain: gains.length > 0 ? Math.max(...gains) : null,
    cpuMs: ((signals.cpu?.cores ?? 0) * 1000) / (signals.http?.perSecond ?? 1),
    waits: locks.reduce((sum, { waits, role }) => sum + (role === 'lock' ? (waits ?? 0) : 0), 0) / requests,
    ids: findings.map(({ id, severity }) => `${id} (${severity})`),
  }
}
