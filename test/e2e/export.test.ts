import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { Ajv } from 'ajv'
import { Profile } from 'pprof-format'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import type { CpuProfile } from '../../src/stacks/cpuprofile.ts'
import { sampleWeights } from '../../src/stacks/cpuprofile.ts'
import { CLI, ROOT, runCli, temporaryFolder } from '../support/cli.ts'
import { hasCommand } from '../support/native-fixture.ts'
import { speedscopeSchema } from '../support/speedscope-schema.ts'
import type { SpeedscopeFile } from '../support/speedscope-schema.ts'

const EXAMPLE = join(ROOT, 'reports/examples/mutex-pool')
/** 0x is no dependency of holdup's; .ci/run installs it here. */
const PEERS = join(ROOT, 'bench/peers')
const has0x = existsSync(join(PEERS, 'node_modules/0x/package.json'))

/** A recording of this test's own, in a folder of its own. */
function recording(text: string | Buffer, name = 'recording.ndjson'): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, name), text)
  return folder
}

const exampleText = () => gunzipSync(readFileSync(join(EXAMPLE, 'recording.ndjson.gz'))).toString()

/** The example's lines, those of the given kinds left out. */
const exampleWithout = (...kinds: string[]) =>
  exampleText()
    .split('\n')
    .filter((line) => !kinds.includes(/"k":"([^"]*)"/.exec(line)?.[1] ?? ''))
    .join('\n')

/** As this holdup makes it. */
async function reportOfExample(): Promise<Report> {
  const { stdout } = await runCli(['report', recording(exampleText()), '--json'])
  return JSON.parse(stdout) as Report
}

/** Sum of a text's last words. */
const sumOf = (folded: string) =>
  folded
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Number(/ (\d+)$/.exec(line)?.[1]), 0)

interface TraceEvent {
  ph: string
  tid?: number
  ts?: number
  dur?: number
  args?: { name?: string }
}

const total = (weights: readonly number[]) => weights.reduce((sum, weight) => sum + weight, 0)

describe('of a real recording', () => {
  it('every format holds the same time', async () => {
    const out = temporaryFolder()
    const [folded, speedscope, profiles] = await Promise.all([
      runCli(['export', EXAMPLE, '--to', 'folded', '--idle']),
      runCli(['export', EXAMPLE, '--to', 'speedscope', '--idle']),
      runCli(['export', EXAMPLE, '--to', 'cpuprofile', '-o', out, '--json']),
    ])
    for (const { code, stderr } of [folded, speedscope, profiles]) expect([code, stderr]).toEqual([0, ''])

    const { files } = JSON.parse(profiles.stdout) as { files: string[] }
    expect(files.toSorted()).toEqual(readdirSync(out).map((name) => join(out, name)))
    const sums = files.map((file) => total(sampleWeights(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile)))
    expect(total(sums)).toBeGreaterThan(10e6)
    expect(sumOf(folded.stdout)).toBe(total(sums))

    const file: unknown = JSON.parse(speedscope.stdout)
    const validate = new Ajv({ strict: false }).compile(speedscopeSchema)
    expect(validate(file), JSON.stringify(validate.errors)).toBe(true)
    expect((file as SpeedscopeFile).profiles.map(({ weights }) => total(weights))).toEqual(sums)
    expect((file as SpeedscopeFile).profiles.map(({ name }) => name)).toContainEqual(
      expect.stringMatching(/^main \d+\/\d+$/),
    )
  })

  it('pprof holds the CPU time of folded and the waits for locks of the report', async () => {
    const out = temporaryFolder()
    const [folded, pprof] = await Promise.all([
      runCli(['export', EXAMPLE, '--to', 'folded']),
      runCli(['export', EXAMPLE, '--to', 'pprof', '-o', out, '--json']),
    ])
    expect(JSON.parse(pprof.stdout)).toEqual({
      format: 'pprof',
      files: [join(out, 'cpu.pb.gz'), join(out, 'locks.pb.gz')],
    })
    const [cpu, locks] = ['cpu', 'locks'].map((name) =>
      Profile.decode(gunzipSync(readFileSync(join(out, `${name}.pb.gz`)))),
    )
    const sum = (profile: Profile | undefined, type: number) =>
      total(profile?.sample.map(({ value }) => Number(value[type])) ?? [])
    expect(sum(cpu, 0) / 1000 / sumOf(folded.stdout)).toBeCloseTo(1, 3)
    const report = await reportOfExample()
    const [lock] = report.locks.filter(({ role }) => role === 'lock')
    expect(sum(locks, 0) / (lock?.waits ?? 0)).toBeCloseTo(1, 2)
    expect(sum(locks, 1) / 1e9 / (lock?.waitSeconds ?? 0)).toBeCloseTo(1, 2)
  })

  it.skipIf(!hasCommand('go'))('go tool pprof reads it (needs go)', async () => {
    const out = temporaryFolder()
    await runCli(['export', EXAMPLE, '--to', 'pprof', '-o', out])
    const top = async (...args: string[]) =>
      (await promisify(execFile)('go', ['tool', 'pprof', '-top', ...args], { env: { ...process.env, GOFLAGS: '' } }))
        .stdout
    expect(await top(join(out, 'cpu.pb.gz'))).toMatch(/^Type: cpu$[^]*% {2}editDistance$/m)
    expect(await top('-sample_index=delay', join(out, 'locks.pb.gz'))).toMatch(
      /^Type: delay$[^]*100% {2}Mutex\.#wait$/m,
    )
  })

  it('trace holds the time of every thread, end to end, the stalls and the timelines', async () => {
    const { code, stdout } = await runCli(['export', EXAMPLE, '--to', 'trace'])
    expect(code).toBe(0)
    const { traceEvents } = JSON.parse(stdout) as { traceEvents: TraceEvent[] }
    for (const event of traceEvents) {
      expect('MXCi').toContain(event.ph)
      if (event.ph !== 'M') expect(Number.isFinite(event.ts)).toBe(true)
      if (event.ph === 'X') expect(event.dur).toBeGreaterThan(0)
    }
    const workers = new Set(
      traceEvents.filter(({ ph, args }) => ph === 'M' && args?.name?.startsWith('workers')).map(({ tid }) => tid),
    )
    expect(workers.size).toBe(16)
    for (const tid of workers) {
      const stretches = traceEvents.filter((event) => event.ph === 'X' && event.tid === tid)
      for (const [i, { ts = 0 }] of stretches.entries()) {
        const before = stretches[i - 1]
        if (before) expect(ts).toBeGreaterThanOrEqual((before.ts ?? 0) + (before.dur ?? 0) - 1)
      }
    }
    const report = await reportOfExample()
    const counters = traceEvents.filter(({ ph }) => ph === 'C')
    expect(counters).toHaveLength(total(report.timelines.map(({ points }) => points.length)))
  })

  it('csv holds every point of the timelines', async () => {
    const { stdout } = await runCli(['export', EXAMPLE, '--to', 'csv'])
    const [head, ...lines] = stdout.trimEnd().split('\n')
    expect(head).toBe('seconds,series,value,unit')
    const report = await reportOfExample()
    expect(lines).toHaveLength(total(report.timelines.map(({ points }) => points.length)))
    for (const line of lines) expect(line).toMatch(/^[\d.]+,[a-z-]+,[\d.e-]+,[^,]*$/)
  })

  it('of native code what perf saw is exported too', async () => {
    const [header] = exampleText().split('\n')
    const lines = [
      { k: 'string', id: 0, s: 'search (/srv/main.cpp:12)' },
      { k: 'stack', id: 0, frames: [0] },
      {
        k: 'on-cpu',
        t: 20,
        pid: 1,
        rows: [
          [1, 10, 5, 0],
          [1, 15, 5, 0],
        ],
      },
    ]
    const folder = recording([header, ...lines.map((line) => JSON.stringify(line)), ''].join('\n'))
    const { stdout, stderr } = await runCli(['export', folder, '--to', 'folded'])
    expect([stderr, stdout]).toEqual(['', expect.stringMatching(/;search \(\/srv\/main\.cpp:12\) \d+\n$/)])
  })

  it('without idle time the work is left', async () => {
    const { stdout } = await runCli(['export', EXAMPLE, '--to', 'folded'])
    expect(stdout).toMatch(/^main;.*\(file:.*:\d+:\d+\) \d+$/m)
    expect(stdout).toMatch(/^workers/m)
    expect(stdout).not.toMatch(/\(idle\)|Atomics\.wait \d|agent\.cjs/)
  })

  it('folders are beside the recording, .cpuprofile files where a report has them', async () => {
    const folder = recording(exampleText())
    const { stdout } = await runCli(['export', '.', '--to', 'cpuprofile'], { cwd: folder })
    expect(stdout).toMatch(/^(Written: stacks\/cpu-\d+-\d+\.cpuprofile\n)+$/)
    const made = readFileSync(join(folder, stdout.split('\n')[0]?.slice('Written: '.length) ?? ''), 'utf8')
    await runCli(['report', folder])
    expect(readFileSync(join(folder, stdout.split('\n')[0]?.slice('Written: '.length) ?? ''), 'utf8')).toBe(made)
  })

  it.each([
    ['a file', 'new/folder/a.txt', 'new/folder/a.txt'],
    ['a folder that is there', '.', 'stacks.folded'],
    ['a folder to be made', 'new/', 'new/stacks.folded'],
  ])('-o takes %s', async (_what, output, file) => {
    const cwd = temporaryFolder()
    const { code, stdout } = await runCli(['export', EXAMPLE, '--to', 'folded', '-o', output], { cwd })
    expect([code, stdout]).toEqual([0, `Written: ${file}\n`])
    expect(readFileSync(join(cwd, file), 'utf8')).toMatch(/^main;/m)
  })

  it('cut off anywhere still exports what it holds', async () => {
    const compressed = readFileSync(join(EXAMPLE, 'recording.ndjson.gz'))
    const folder = recording(compressed.subarray(0, compressed.length * 0.6), 'recording.ndjson.gz')
    const { code, stdout } = await runCli(['export', folder, '--to', 'folded'])
    expect(code).toBe(0)
    expect(sumOf(stdout)).toBeGreaterThan(1e5)
  })
})

describe('a reader of stdout', () => {
  const shell = promisify(execFile)
  const command = `"${process.execPath}" "${CLI}" export "${EXAMPLE}" --to`

  it('of a report that leaves early is no error', async () => {
    const report = `"${process.execPath}" "${CLI}" report "${EXAMPLE}" -o "${temporaryFolder()}" | head -1`
    const { stderr } = await shell('bash', ['-o', 'pipefail', '-c', report])
    expect(stderr).toBe('')
  })

  it.each(['folded', 'speedscope'])('of %s that leaves early is no error', async (format) => {
    const { stdout, stderr } = await shell('bash', [
      '-c',
      `set -o pipefail; ${command} ${format} --idle | head -c 20; echo " $?"`,
    ])
    expect(stdout).toMatch(/ 0\n$/)
    expect(stderr).toBe('')
  })

  it.skipIf(!existsSync('/dev/full'))('that is full is one', async () => {
    const { stdout } = await shell('bash', ['-c', `${command} folded 2>&1 >/dev/full; echo "$?"`])
    expect(stdout).toMatch(/^error: the disk is full: .*\nwhy: .*\ntry: .*\n2\n$/)
  })
})

describe('says what is wrong', () => {
  it.each([
    ['no format', [EXAMPLE], 'option-missing', /needs --to/],
    ['a format that is none', [EXAMPLE, '--to', 'pdf'], 'bad-option-value', /0x, speedscope, folded, cpuprofile/],
    ['a format that every object has', [EXAMPLE, '--to', 'constructor'], 'bad-option-value', /0x, speedscope/],
    ['no recording', ['/no/such', '--to', 'folded'], 'recording-not-found', /./],
    [
      'a file in a file',
      [EXAMPLE, '--to', 'folded', '-o', `${CLI}/a`],
      'output-not-writable',
      /not a folder|in the place/,
    ],
    ['a folder in a file', [EXAMPLE, '--to', 'cpuprofile', '-o', CLI], 'output-not-writable', /./],
  ])('%s', async (_what, args, code, why) => {
    const cwd = temporaryFolder()
    const result = await runCli(['export', ...args, '--json'], { cwd })
    expect(result.code).toBe(2)
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code, exitCode: 2, try: expect.stringMatching(/\S/) } })
    const { error } = JSON.parse(result.stdout) as { error: { what: string; why: string } }
    expect(`${error.what}: ${error.why}`).toMatch(why)
    expect(readdirSync(cwd)).toEqual([])
  })

  // A developer who followed holdup's own advice has one beside it.
  it.skipIf(existsSync(join(ROOT, 'node_modules/0x')))('0x where there is none', async () => {
    const cwd = temporaryFolder()
    const { code, stdout, stderr } = await runCli(['export', EXAMPLE, '--to', '0x', '-o', 'out'], { cwd })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^error: --to 0x needs the package 0x.*\nwhy: .*\ntry: npm install --no-save 0x\n$/)
    expect(readdirSync(cwd)).toEqual([])
  })

  it.each([
    ['throws', 'module.exports = async () => { throw new Error("no such option") }', 'no such option'],
    ['can not be loaded', 'throw new Error("half installed")', 'half installed'],
    ['is something else', 'module.exports = 1', 'not a function'],
  ])('a 0x that %s', async (_what, source, reason) => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'node_modules/0x'), { recursive: true })
    writeFileSync(join(cwd, 'node_modules/0x/index.js'), source)
    const { code, stderr } = await runCli(['export', EXAMPLE, '--to', '0x', '-o', '.'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: the package 0x failed\nwhy: .*\ntry: npm install --no-save 0x@6\n$/)
    expect(stderr).toContain(reason)
    expect(readdirSync(cwd)).toEqual(['node_modules'])
  })

  it('a profile of nothing but idle time', async () => {
    const strings = ['(root)', '(idle)'].map((s, id) => ({ k: 'string', id, s }))
    const nodes = [1, 2].map((id) => [id, id - 1, id - 1])
    const profile = { k: 'profile', t: 20, pid: 1, tid: 1, from: 0, nodes, samples: [2, 2], deltasUs: [0, 5000] }
    const header = exampleText().split('\n')[0] ?? ''
    const folder = recording([header, ...[...strings, profile].map((line) => JSON.stringify(line)), ''].join('\n'))
    const { code, stderr } = await runCli(['export', folder, '--to', 'folded'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/idle in every sample\ntry: holdup export .* --to folded --idle\n$/)
    const kept = await runCli(['export', folder, '--to', 'folded', '--idle'])
    expect([kept.code, kept.stdout]).toEqual([0, 'process 1;(idle) 20000\n'])
  })

  it.each([
    ['recorded without one', () => exampleWithout('profile').replace('"cpuProfileMs":5', '"cpuProfileMs":null'), /off/],
    ['of no Node process', () => exampleWithout('profile', 'node'), /no Node process/],
    ['that ends too early for one', () => exampleWithout('profile'), /before the first piece/],
  ])('a recording %s has no CPU profile', async (_what, text, why) => {
    const { code, stdout, stderr } = await runCli(['export', recording(text()), '--to', 'speedscope'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /^error: .*no CPU profile to export\nwhy: .*\ntry: holdup run --cpu-profile 5ms -- node server.js\n$/,
    )
    expect(stderr).toMatch(why)
  })
})

describe('hostile names', () => {
  const hostile = '</script><img src=x onerror=alert(1)>\u001b[31m;\n\u202e'

  /** The example with a name in place of every function `search…`, and the same as its workers' and command's name. */
  function hostileRecording(): string {
    const name = JSON.stringify(hostile).slice(1, -1)
    const long = 'x'.repeat(4000)
    const text = exampleText()
      .replaceAll(/"s":"(search\w*) \(/g, (_, word: string) => `"s":"${name}${word} (`)
      .replaceAll('"s":"(anonymous) (', `"s":"${long} (`)
      .replaceAll(/("k":"worker-birth".*?"name":")[^"]*/g, `$1${name}`)
      .replace(/("command":")[^"]*/, `$1${name}`)
    return recording(text)
  }

  it.each(['folded', 'speedscope'])('do nothing in %s', async (format) => {
    const { code, stdout } = await runCli(['export', hostileRecording(), '--to', format])
    expect(code).toBe(0)
    expect(stdout).toContain('onerror')
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|\\u001b|\\u202e/)
    if (format === 'folded') for (const line of stdout.trim().split('\n')) expect(line).toMatch(/^[^;]+(;[^;]+)+ \d+$/)
    else expect(JSON.parse(stdout)).toHaveProperty('profiles')
  })

  it.skipIf(!has0x)('do nothing in a page of 0x (needs bench/peers installed)', async () => {
    const folder = hostileRecording()
    const { code, stderr } = await runCli(['export', folder, '--to', '0x'], { cwd: PEERS })
    expect([code, stderr]).toEqual([0, ''])
    const page = readFileSync(join(folder, '0x/flamegraph.html'), 'utf8')
    expect(page).toContain('onerror')
    expect(page).not.toMatch(/<img src=x|\u001b/)
    expect(page.match(/<\/script>/g)).toHaveLength(1)
  })
})

describe('a flamegraph of 0x', () => {
  interface Tree {
    name: string
    value: number
    top: number
    children: Tree[]
  }

  it.skipIf(!has0x)('shows all time of all thread groups (needs bench/peers installed)', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'own {pid}'))
    const path = join(folder, 'own {pid}', 'recording.ndjson.gz')
    copyFileSync(join(EXAMPLE, 'recording.ndjson.gz'), path)
    const { code, stdout, stderr } = await runCli(['export', path, '--to', '0x'], { cwd: PEERS })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Written: .*0x\/flamegraph\.html\n$/)
    const out = join(folder, 'own {pid}', '0x')
    expect(readdirSync(out)).toEqual(['flamegraph.html'])
    expect(statSync(join(out, 'flamegraph.html')).size).toBeGreaterThan(1e5)

    const page = readFileSync(join(out, 'flamegraph.html'), 'utf8')
    const trees = /^\s*visualizer\((\{.*\}), \{.*\}\)\s*$/m.exec(page)?.[1] ?? ''
    const { unmerged: root } = JSON.parse(trees) as { unmerged: Tree }
    const folded = await runCli(['export', path, '--to', 'folded'])
    expect(root.value).toBe(sumOf(folded.stdout))
    expect(root.children.map(({ name }) => name)).toContain('main (1 thread).')

    // 0x hides these categories unless one asks for them.
    const { v8cats } = createRequire(join(PEERS, 'node_modules/0x/package.json'))('./visualizer/cmp/graph')(null) as {
      v8cats: (frame: { name: string }) => { type: string }
    }
    const hidden = (tree: Tree): string[] =>
      tree.children.flatMap((child) => [
        ...(['cpp', 'regexp', 'v8', 'native', 'init'].includes(v8cats(child).type) ? [child.name] : []),
        ...hidden(child),
      ])
    expect(hidden(root)).toEqual([])
  })
})
