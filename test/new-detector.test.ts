/** `npm run new-detector` in a copy of the tree: what it makes passes the types, the catalogue's test and its own. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const COPIED = [
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  '.oxlintrc.json',
  '.oxfmtrc.json',
  'scripts/new-detector.mjs',
  'docs/detectors',
  'test/catalogue.test.ts',
  'test/support/signals.ts',
  'test/detectors',
]
const ID = 'wholly-new'

const copy = mkdtempSync(join(tmpdir(), 'holdup-new-detector-'))
const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
const bin = (name: string, ...args: string[]) =>
  execFileSync(join(copy, 'node_modules/.bin', name), args, { cwd: copy, encoding: 'utf8', stdio: 'pipe' })

beforeAll(() => {
  for (const path of COPIED) cpSync(path, join(copy, path), { recursive: true })
  cpSync('src', join(copy, 'src'), { recursive: true, filter: (path) => !path.endsWith('html') })
  const expectations = readdirSync('fixtures', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('expect.json'),
  )
  for (const path of expectations) cpSync(join('fixtures', path), join(copy, 'fixtures', path))
  // A folder of links, not one link: what the tools cache there must not get into the real one.
  mkdirSync(join(copy, 'node_modules'))
  for (const name of readdirSync('node_modules')) {
    if (name !== '.vite') symlinkSync(join(process.cwd(), 'node_modules', name), join(copy, 'node_modules', name))
  }
  writeFileSync(
    join(copy, 'tsconfig.part.json'),
    JSON.stringify({ extends: './tsconfig.json', include: ['src/detectors', 'test'] }),
  )
})

afterAll(() => rmSync(copy, { recursive: true, force: true }))

describe('a new detector', () => {
  it('comes with its siblings and passes', { timeout: 120_000 }, () => {
    const { status, stdout, stderr } = run('scripts/new-detector.mjs', ID)
    expect(status, stderr).toBe(0)
    expect(stdout.split('\n').map((path) => dirname(path))).toEqual(
      expect.arrayContaining([`fixtures/node/${ID}`, `fixtures/node/${ID}-look-alike`]),
    )
    bin('tsc', '-p', 'tsconfig.part.json')
    bin('vitest', 'run', 'test/catalogue.test.ts', `test/detectors/${ID}.test.ts`)
    bin('oxlint', '--deny-warnings', 'src/detectors', 'test/detectors')
    bin('oxfmt', '--check', 'src/detectors', 'test/detectors', 'fixtures/node')
  })

  it('stands in the catalogue before cpu-saturated, its import in order', () => {
    const lines = readFileSync(join(copy, 'src/detectors/index.ts'), 'utf8').split('\n')
    expect(lines[lines.indexOf('  cpuSaturated,') - 1]).toBe('  whollyNew,')
    const imports = lines.filter((line) => line.startsWith('import')).map((line) => line.split(' from ')[1])
    expect(imports.join()).toBe(imports.toSorted((a = '', b = '') => (a < b ? -1 : 1)).join())
  })

  it('is not made twice, nor without a proper id', () => {
    for (const args of [[ID], ['Wrong_Id'], []]) {
      const { status, stderr } = run('scripts/new-detector.mjs', ...args)
      expect(status).toBe(2)
      expect(stderr).toMatch(/^error: .+\nwhy: .+\ntry: .+\n$/)
    }
  })
})

describe('--write-docs', () => {
  it('writes the thresholds again where they differ from the meta', { timeout: 60_000 }, () => {
    const page = join(copy, 'docs/detectors/gc-pressure.md')
    const before = readFileSync(page, 'utf8')
    writeFileSync(page, before.replace('| `share` |', '| `portion` |'))
    expect(run('scripts/new-detector.mjs', '--write-docs').stdout).toBe('docs/detectors/gc-pressure.md\n')
    expect(readFileSync(page, 'utf8')).toBe(before)
  })
})
