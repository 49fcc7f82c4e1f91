/** `holdup report` of profiles that other programs wrote. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { expect, it, test } from 'vitest'
import type { ProfilePage } from '../../src/report/profile.ts'
import { ROOT, runCli, temporaryFolder } from '../support/cli.ts'

const EXAMPLE = join(ROOT, 'reports/examples/mutex-pool')

interface Told {
  format: string
  profiles: { name: string; unit: string; total: number; functions: { frame: string; self: number }[] }[]
}

const pageIn = (folder: string) =>
  JSON.parse(
    /<script type="application\/json" id="report">([^<]*)</.exec(
      readFileSync(join(folder, 'report.html'), 'utf8'),
    )?.[1] ?? '',
  ) as ProfilePage

it('of one recording every format says the same', async () => {
  const folder = temporaryFolder()
  const file = (name: string) => join(folder, name)
  const exported = await Promise.all([
    runCli(['export', EXAMPLE, '--to', 'pprof', '-o', folder]),
    runCli(['export', EXAMPLE, '--to', 'folded', '-o', file('all.folded')]),
  ])
  expect(exported.map(({ code }) => code)).toEqual([0, 0])
  const [pprof, folded] = await Promise.all(
    ['cpu.pb.gz', 'all.folded'].map(async (name) => {
      const { code, stdout, stderr } = await runCli(['report', file(name), '--json', '-o', file(`${name}.out`)])
      expect([code, stderr]).toEqual([0, ''])
      const told = JSON.parse(stdout) as Told
      expect(pageIn(file(`${name}.out`)).flames[0]?.root[2]).toBeCloseTo(told.profiles[0]?.total ?? NaN, 1)
      return told.profiles[0]
    }),
  )
  expect(pprof?.unit).toBe('ms')
  // The one counts ms, the other µs.
  expect((pprof?.total ?? 0) * 1000).toBeCloseTo(folded?.total ?? NaN, -2)
  const hottest = (profile: typeof pprof) => profile?.functions.slice(0, 3).map(({ frame }) => frame.split(' ')[0])
  expect(hottest(pprof)).toEqual(hottest(folded))
})

it("Node's own profile, on a terminal", async () => {
  const folder = temporaryFolder()
  const work = 'const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); fib(30)'
  await promisify(execFile)(process.execPath, ['--cpu-prof', '--cpu-prof-name=own.cpuprofile', '-e', work], {
    cwd: folder,
  })
  const { code, stdout } = await runCli(['report', 'own.cpuprofile'], { cwd: folder })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^\nholdup {2}own\.cpuprofile +CPU [\d.]+ m?s\n\n +itself +function\n [^]*fib \(\[eval\]/)
  const out = /^Report: (.*)\/report\.html$/m.exec(stdout)?.[1] ?? ''
  expect(out).toMatch(/^reports\/own\.cpuprofile-/)
  expect(existsSync(join(folder, out, 'report.html'))).toBe(true)
})

test.each([
  ['cut-off.pb.gz', gzipSync(Buffer.alloc(3000, 'no profile at all')).subarray(0, 40), 'pprof'],
  ['damaged.pb.gz', Buffer.concat([gzipSync('x').subarray(0, 10), Buffer.from('not deflate')]), 'pprof'],
  ['empty.pprof', Buffer.alloc(0), 'pprof'],
  ['text.pprof', Buffer.from('no profile\n'), 'pprof'],
  ['half.cpuprofile', Buffer.from('{"nodes":[{"id":1,'), '.cpuprofile'],
  ['prose.folded', Buffer.from('once upon\na time\n'), 'collapsed stacks'],
])('%s is an error: why it is, what to try', async (name, content, format) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, name), content)
  const { code, stdout, stderr } = await runCli(['report', name], { cwd: folder })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(new RegExp(`^error: cannot read ${name} as ${format}\nwhy: .+\ntry: .+\n$`))
  expect(existsSync(join(folder, 'reports'))).toBe(false)
})

it('one that is not there, and options of recordings', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'a.folded'), 'main 1\n')
  const [none, from] = await Promise.all([
    runCli(['report', 'none.pprof'], { cwd: folder }),
    runCli(['report', 'a.folded', '--from', '2s'], { cwd: folder }),
  ])
  expect([none.code, from.code]).toEqual([2, 2])
  expect(none.stderr).toMatch(/^error: cannot read none\.pprof\nwhy: .*no such file.*\ntry: ls -l none\.pprof/)
  expect(from.stderr).toMatch(/^error: --from is for recordings\n/)
})

it('more than fits in memory is read or refused, never a crash', { timeout: 60_000 }, async () => {
  const folder = temporaryFolder()
  // 60 MB of samples that have two bytes each.
  const message = Buffer.concat([
    Buffer.from([0x32, 0, 0x32, 1, 0x61, 0x0a, 2, 8, 1]),
    Buffer.alloc(60e6, Buffer.from([0x12, 0])),
  ])
  writeFileSync(join(folder, 'many.pb.gz'), gzipSync(message, { level: 1 }))
  const line = (i: number) => `main;${'x'.repeat(100)}${i};leaf 1\n`
  writeFileSync(join(folder, 'many.folded'), Array.from({ length: 200_000 }, (_, i) => line(i)).join(''))
  const nodes = '{"id":1},'.repeat(3e6)
  writeFileSync(join(folder, 'many.cpuprofile'), `{"nodes":[${nodes}{"id":2}]}`)
  const env = { NODE_OPTIONS: '--max-old-space-size=200' }
  const [pprof, json, folded] = [
    await runCli(['report', 'many.pb.gz'], { cwd: folder, env }),
    await runCli(['report', 'many.cpuprofile'], { cwd: folder, env }),
    await runCli(['report', 'many.folded', '--json'], { cwd: folder, env }),
  ]
  expect(pprof.stderr).toMatch(/^error: .*\nwhy: none of its 30000000 samples weighs anything/)
  expect(json.stderr).toMatch(/^error: .*\nwhy: only the first [\d.]+ MB were read, it holds more than fits in memory/)
  expect(folded.code, folded.stderr).toBe(0)
  expect((JSON.parse(folded.stdout) as Told).profiles[0]?.total).toBe(200_000)
})
