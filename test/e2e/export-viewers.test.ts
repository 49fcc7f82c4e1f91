import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { encodeProcessStat } from '../../src/cli/clinic-process-stat.ts'
import { ROOT, runCli, temporaryFolder } from '../support/cli.ts'
import { brokenTables, type FirefoxProfile } from '../support/firefox-profile.ts'
import type { SpeedscopeFile } from '../support/speedscope-schema.ts'

const EXAMPLE = join(ROOT, 'reports/examples/mutex-pool')
/** Clinic is no dependency of holdup's; .ci/run installs it here. */
const PEERS = join(ROOT, 'bench/peers')
const hasClinic = existsSync(join(PEERS, 'node_modules/clinic/package.json'))

const total = (weights: readonly number[]) => weights.reduce((sum, weight) => sum + weight, 0)

describe('for the Firefox Profiler', () => {
  it.each([[], ['--idle']])('each thread has the time that speedscope has %s', async (...idle) => {
    const [firefox, speedscope] = await Promise.all(
      ['firefox', 'speedscope'].map((to) => runCli(['export', EXAMPLE, '--to', to, ...idle])),
    )
    expect([firefox?.code, firefox?.stderr]).toEqual([0, ''])
    const profile = JSON.parse(firefox?.stdout ?? '') as FirefoxProfile
    expect(brokenTables(profile)).toEqual([])
    expect(profile.meta.categories.filter(({ color }) => color === 'grey')).toHaveLength(1)
    const { profiles } = JSON.parse(speedscope?.stdout ?? '') as SpeedscopeFile
    const sums = profile.threads.map(({ samples }) => Math.round(total(samples.weight) * 1000))
    expect(sums).toEqual(profiles.map(({ weights }) => total(weights)))
    expect(profile.shared.stringArray).toContain('editDistance')
  })
})

describe('for clinic doctor', () => {
  it.skipIf(!hasClinic)('its own decoder reads what is encoded (needs bench/peers installed)', async () => {
    const Decoder = createRequire(join(PEERS, 'node_modules/clinic/package.json'))(
      '@clinic/doctor/format/process-stat-decoder.js',
    ) as new () => NodeJS.ReadWriteStream
    const stat = { timestamp: 1.7e12, delay: 12.5, cpu: 1.25, handles: 300, loopUtilization: 0.43 }
    const memory = { rss: 3e8, heapTotal: 2e8, heapUsed: 1e8, external: 1e6 }
    const decoder = new Decoder()
    decoder.end(encodeProcessStat({ ...stat, ...memory }))
    const read: unknown[] = []
    for await (const message of decoder) read.push(message)
    expect(read).toEqual([{ ...stat, memory: expect.objectContaining(memory), loopUtilization: 43 }])
  })

  it.skipIf(!hasClinic)('clinic draws it (needs bench/peers installed)', { timeout: 120_000 }, async () => {
    const out = temporaryFolder()
    const { stdout, code } = await runCli(['export', EXAMPLE, '--to', 'clinic-doctor', '-o', out, '--json'])
    expect(code).toBe(0)
    const { files } = JSON.parse(stdout) as { files: string[] }
    expect(files.map((file) => file.replace(/.*-/, ''))).toEqual(['systeminfo', 'processstat', 'traceevent'])
    const folder = join(files[0] ?? '', '..')
    await promisify(execFile)(
      process.execPath,
      [join(PEERS, 'node_modules/clinic/bin.js'), 'doctor', '--visualize-only', folder, '--open=false'],
      { cwd: out, env: { ...process.env, NO_INSIGHT: '1', NO_UPDATE_NOTIFIER: '1' } },
    )
    const page = readFileSync(`${folder}.html`, 'utf8')
    // The looks that holdup's timer took in ten seconds.
    expect(page.match(/"timestamp":/g)?.length).toBeGreaterThan(500)
    expect(page).toContain('V8.GC')
  })
})
