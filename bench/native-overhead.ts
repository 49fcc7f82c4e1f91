/** What recording costs native programs, beside perf trace and strace: `npm run bench:native-overhead`. */
import { availableParallelism, release } from 'node:os'
import { parseArgs } from 'node:util'
import { abba } from './lib/abba.ts'
import { bootstrapMedian, type Interval, median } from './lib/bootstrap.ts'
import { nativeSlice } from './lib/native-overhead/slice.ts'
import { NATIVE_BARE, NATIVE_VARIANTS, type NativeVariant } from './lib/native-overhead/variants.ts'
import { textTable } from './lib/text-table.ts'
import { build, type LockProgram, LOCK_PROGRAMS } from './lib/truth/programs.ts'
import type { Verdict } from './lib/verdict.ts'

const { values: options } = parseArgs({
  options: {
    /** Of runs, a variant. */
    pairs: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '2' },
    /** Any of contended, storm, uncontended. */
    kinds: { type: 'string', default: 'contended,storm,uncontended' },
    programs: { type: 'string', default: 'C++,Rust std' },
  },
})
/** An uncontended lock and unlock may cost so much more. */
const UNCONTENDED_NS = 3
const pairs = Number(options.pairs)
const kinds = options.kinds.split(',')

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
console.log(
  `${new Date().toISOString()} · Node ${process.version} · ${availableParallelism()} cores · Linux ${release()}`,
)
const variants = NATIVE_VARIANTS.filter((variant) => {
  const missing = variant.missing?.()
  if (missing) console.log(`skipped: ${variant.name}: ${missing}`)
  return !missing
})
const found: Verdict[] = []
for (const program of LOCK_PROGRAMS)
  if (options.programs.split(',').includes(program.name) && kinds.includes(program.kind))
    found.push(...(await contended(program)))
if (kinds.includes('uncontended')) found.push(...(await uncontended()))
process.exitCode = found.every(({ holds }) => holds) ? 0 : 1

async function contended(program: LockProgram): Promise<Verdict[]> {
  const rows = [[`${program.name}, ${program.kind}`, 'bare µs', 'µs', 'CPU/op ratio', '95 %', 'throughput', '95 %']]
  const verdicts: Verdict[] = []
  let bare: Interval | null = null
  for (const variant of variants) {
    const { row, cpu, throughput } = await measure(program, variant)
    rows.push(row)
    bare ??= cpu
    verdicts.push(...judge(program, variant, { bare, cpu, throughput }))
  }
  console.log(`\n${textTable(rows)}\n${verdicts.map(({ text }) => text).join('\n')}`)
  return verdicts
}

async function measure(program: LockProgram, variant: NativeVariant) {
  const path = build(program)
  const slice = (of: NativeVariant) => () => nativeSlice(of, path, program.env ?? {}, Number(options.seconds))
  const measured = await abba(pairs, slice(NATIVE_BARE), slice(variant))
  const cpu = bootstrapMedian([measured.map(({ a, b }) => b.cpuUs / a.cpuUs)])
  const throughput = bootstrapMedian([measured.map(({ a, b }) => b.operations / a.operations)])
  const us = [median(measured.map(({ a }) => a.cpuUs)), median(measured.map(({ b }) => b.cpuUs))]
  const row = [variant.name, ...us.map((n) => n.toFixed(2)), ...cells(cpu), ...cells(throughput)]
  return { row, cpu, throughput }
}

function cells({ median: middle, low, high }: Interval): string[] {
  return [middle.toFixed(3), `${low.toFixed(3)} – ${high.toFixed(3)}`]
}

/** Upper bounds of the CPU against the noise floor's own, as in bench:overhead; of the storm what gets through. */
function judge(
  { name, kind }: LockProgram,
  variant: NativeVariant,
  { bare, cpu, throughput }: { bare: Interval; cpu: Interval; throughput: Interval },
): Verdict[] {
  const say = (holds: boolean, what: string) => [
    { holds, text: `${holds ? 'holds' : 'FAILS'}: ${name}, ${kind} · ${variant.name}: ${what}` },
  ]
  if (kind === 'storm' && variant.storm !== undefined)
    return say(throughput.median >= variant.storm, `throughput ${throughput.median.toFixed(3)} ≥ ${variant.storm}`)
  if (kind === 'storm' || variant.allowance === undefined) return []
  const limit = bare.high + variant.allowance
  const sum = `${bare.high.toFixed(3)} + ${variant.allowance} = ${limit.toFixed(3)}`
  return say(cpu.high <= limit, `CPU/op ${cpu.high.toFixed(3)} ≤ ${sum}`)
}

async function uncontended(): Promise<Verdict[]> {
  const path = build({ name: 'C', language: 'cpp', binary: 'lock-unlock', variant: 'glibc' })
  const [launched] = variants.filter(({ storm }) => storm !== undefined)
  const verdicts: Verdict[] = []
  for (const THREADS of ['1', '0']) {
    const slice = (of: NativeVariant) => () => nativeSlice(of, path, { THREADS }, 0)
    const measured = await abba(pairs, slice(NATIVE_BARE), slice(launched ?? NATIVE_BARE))
    const ns = (of: 'a' | 'b') => median(measured.map((pair) => pair[of].truth['lock_unlock_ns'] ?? NaN))
    const more = ns('b') - ns('a')
    const holds = more <= UNCONTENDED_NS
    const what = `lock and unlock ${ns('a').toFixed(1)} → ${ns('b').toFixed(1)} ns, ${more.toFixed(1)} ≤ ${UNCONTENDED_NS}`
    const where = THREADS === '0' ? 'process of one thread' : 'process of several threads'
    const text = `${where} · ${launched?.name}: ${what}`
    // libc's short cut for one thread is another path, which is not what the limit is of.
    if (THREADS === '0') console.log(`\n${text}`)
    else verdicts.push({ holds, text: `${holds ? 'holds' : 'FAILS'}: ${text}` })
  }
  console.log(verdicts.map(({ text }) => text).join('\n'))
  return verdicts
}
