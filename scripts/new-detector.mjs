// `npm run new-detector my-pattern`: makes a detector with its test, docs page, fixture pair and line in the catalogue.
// `npm run new-detector -- --write-docs`: writes the thresholds of all detectors into their pages again.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tsImport } from 'tsx/esm/api'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const INDEX = 'src/detectors/index.ts'
const THRESHOLDS = /<!-- thresholds -->[^]*<!-- \/thresholds -->/

const [given] = process.argv.slice(2)
if (given === '--write-docs') await writeDocs()
else await create(given)

async function create(id) {
  if (id === undefined || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    fail(
      'a detector needs an id',
      `"${id ?? ''}" is not lower-case words joined by "-"`,
      'npm run new-detector my-pattern',
    )
  }
  if (existsSync(join(ROOT, `src/detectors/${id}.ts`))) {
    fail(`there is a detector ${id}`, `src/detectors/${id}.ts exists`, 'npm run new-detector with another id')
  }
  const name = id.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase())
  write(`src/detectors/${id}.ts`, detector(id, name))
  write(`test/detectors/${id}.test.ts`, test(id, name))
  write(`docs/detectors/${id}.md`, page(id))
  fixture(
    id,
    { expect: [id], allow: ['cpu-saturated'], mustNot: [], pair: `${id}-look-alike` },
    `What ${id} is to find: …`,
  )
  fixture(
    `${id}-look-alike`,
    { expect: [], allow: ['cpu-saturated'], mustNot: [id], pair: id },
    `Looks like ${id}, but …`,
  )
  addToCatalogue(id, name)
  const made = ['src/detectors', 'test/detectors', `fixtures/node/${id}`, `fixtures/node/${id}-look-alike`]
  execFileSync(join(ROOT, 'node_modules/.bin/oxfmt'), made, { cwd: ROOT })
  await writeDocs()
  console.log(`\nnow fill them in, and try: npx vitest run test/catalogue.test.ts test/detectors/${id}.test.ts`)
}

/** Before what only says that nothing else is to blame. */
function addToCatalogue(id, name) {
  const lines = readFileSync(join(ROOT, INDEX), 'utf8').split('\n')
  lines.splice(lines.indexOf('  cpuSaturated,'), 0, `  ${name},`)
  const file = (line) => /from '(.*)'/.exec(line)?.[1] ?? ''
  const line = `import { ${name} } from './${id}.ts'`
  const after = lines.findIndex((other) => file(other) > file(line) || (file(other) === '' && !other.startsWith('/**')))
  lines.splice(after, 0, line)
  write(INDEX, lines.join('\n'))
}

async function writeDocs() {
  const load = (file) => tsImport(join(ROOT, 'src/detectors', file), import.meta.url)
  const { catalogue } = await load('index.ts')
  const { thresholdsTable } = await load('thresholds-table.ts')
  for (const { meta } of catalogue) {
    const path = `docs/detectors/${meta.id}.md`
    const text = readFileSync(join(ROOT, path), 'utf8')
    const table = `<!-- thresholds -->\n${thresholdsTable(meta)}\n<!-- /thresholds -->`
    const updated = text.replace(THRESHOLDS, () => table)
    if (updated !== text) write(path, updated)
  }
}

function fixture(folder, expectation, what) {
  const at = (file) => `fixtures/node/${folder}/${file}`
  write(at('expect.json'), `${JSON.stringify({ ...expectation, load: { connections: 32 } }, null, 2)}\n`)
  write(at('run.sh'), '#!/bin/sh\nexec "${NODE:-node}" "$(dirname "$0")/server.mjs"\n')
  chmodSync(join(ROOT, at('run.sh')), 0o755)
  write(
    at('server.mjs'),
    `/** ${what} */
import { createMainThreadSearch } from '../lib/main-thread-search.mjs'
import { prepare } from '../lib/prepare.mjs'
import { serve } from '../lib/serve.mjs'

serve(await createMainThreadSearch(await prepare()))
`,
  )
}

function detector(id, name) {
  return `import { formatNumber } from '../units.ts'
import { defineDetector } from './detector.ts'
import { severityAt } from './severity.ts'

export const ${name} = defineDetector({
  meta: {
    id: '${id}',
    title: '${id}',
    category: 'cpu',
    requires: ['cpu'],
    thresholds: {
      cores: { default: 1000, unit: 'cores', description: '…: warning', source: 'holdup: …' },
      coresCritical: { default: 2000, unit: 'cores', description: 'the same: critical', source: 'holdup: …' },
    },
  },

  detect({ signals: { cpu }, limits }) {
    const severity = severityAt(cpu.cores, limits.cores, limits.coresCritical)
    if (!severity) return []
    return [
      {
        severity,
        summary: \`\${formatNumber(cpu.cores)} cores … (limit \${formatNumber(limits.cores)}).\`,
        cost: { threadsHeldUp: null, gain: null },
        evidence: [{ name: 'CPU', value: cpu.cores, unit: 'cores', limit: limits.cores, fidelity: cpu.fidelity }],
        where: [],
        advice: '…',
      },
    ]
  },
})
`
}

function test(id, name) {
  return `import { describe, expect, it } from 'vitest'
import { ${name} } from '../../src/detectors/${id}.ts'
import { verdictOf } from '../support/signals.ts'

describe('limits', () => {
  it.each([
    ['just under the limit', { cpu: { cores: 999 } }, 'clean'],
    ['at the limit', { cpu: { cores: 1000 } }, 'warning'],
    ['just under critical', { cpu: { cores: 1999 } }, 'warning'],
    ['at critical', { cpu: { cores: 2000 } }, 'critical'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(${name}, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([['a healthy service', {}]])('%s', (_, ills) => {
    expect(verdictOf(${name}, ills)).toBe('clean')
  })
})
`
}

function page(id) {
  return `# ${id}

## What it flags

…

## Why it hurts

…

## How it is measured

…

## Thresholds

<!-- thresholds -->
<!-- /thresholds -->

## What to do

…

## When it is a false alarm

…

## Try it

\`\`\`sh
holdup run --load 'http://127.0.0.1:8080/search?q=tree' -c 32 -- fixtures/node/${id}/run.sh
\`\`\`
`
}

function write(path, text) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true })
  writeFileSync(join(ROOT, path), text)
  console.log(path)
}

function fail(what, why, instead) {
  console.error(`error: ${what}\nwhy:   ${why}\ntry:   ${instead}`)
  process.exit(2)
}
