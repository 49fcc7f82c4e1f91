// Bundles the command line and the processes that it starts, the HTML report's app and the Node agent. Writes the JSON schemas.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toJsonSchema } from '@valibot/to-json-schema'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = (path) => join(root, 'dist', path)
const NOTICE = '/*! The report view of holdup (MIT). Contains uPlot (MIT, (c) Leon Sorokin). */'

/** What is run or imported by its file; all else is in chunks that these share. */
const ENTRIES = [
  'cli/main',
  'index',
  'load/load-process',
  'probes/tracefs/reader',
  'targets/inject/injector',
  // Of this script and of readme.mjs.
  'audit/config',
  'detectors/index',
  'report/model',
]

/**
 * The command line, without its dependencies, to `dist/`: out of some 450 files it would start half as fast, and on the cores
 * of the target.
 */
async function bundleCli() {
  const { outputFiles } = await build({
    entryPoints: ENTRIES.map((entry) => join(root, `src/${entry}.ts`)),
    outdir: dist(''),
    outbase: join(root, 'src'),
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    legalComments: 'none',
  })
  const chunks = new Set(outputFiles.map(({ path }) => path))
  for (const { path, text } of outputFiles) replace(path, text)
  if (!existsSync(dist('chunks'))) return
  for (const file of readdirSync(dist('chunks')))
    if (!chunks.has(dist(`chunks/${file}`))) rmSync(dist(`chunks/${file}`))
}

/** The browser apps of the HTML report, the comparison and a profile, to `dist/report/html/` as `app`, `compare` and `profile`, `.js` and `.css`. */
export async function bundleApp() {
  const entryPoints = {
    app: join(root, 'src/report/html/app/main.ts'),
    compare: join(root, 'src/compare/app/main.ts'),
    profile: join(root, 'src/report/html/app/profile.ts'),
  }
  const { outputFiles } = await build({
    entryPoints,
    outdir: dist('report/html'),
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    banner: { js: NOTICE },
  })
  for (const { path, text } of outputFiles) replace(path, text)
}

/** The agent that is preloaded into Node targets, in one CommonJS file: `dist/agents/node/agent.cjs`. */
async function bundleAgent() {
  const entry = join(root, 'src/agents/node/main.ts')
  if (!existsSync(entry)) return
  await build({
    entryPoints: [entry],
    outfile: dist('agents/node/agent.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    // A Node that it can't even be loaded in, as before 20.16 and 22.3, must run all the same.
    banner: { js: '"use strict"; try {' },
    footer: { js: '} catch {}' },
  })
}

/** The same for threads that run already, as the text of one function: `dist/agents/node/attach.js`. */
async function bundleAttachedAgent() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/agents/node/attached.ts')],
    bundle: true,
    write: false,
    minify: true,
    keepNames: false,
    format: 'iife',
    globalName: 'holdup',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
  })
  const body = outputFiles[0].text
  replace(
    dist('agents/node/attach.js'),
    `(function holdupAgent(config) {${body}return holdup.attach(config, holdupAgent)})\n`,
  )
}

/** `reportSchema` as JSON Schema. */
export function reportJsonSchema(reportSchema) {
  return { title: 'holdup report', ...toJsonSchema(reportSchema) }
}

/** The schema of `holdup.config.json`; what only code can check (durations, budgets) is text to it. */
export function configJsonSchema(configSchema) {
  return { title: 'holdup.config.json', ...toJsonSchema(configSchema, { errorMode: 'ignore', typeMode: 'input' }) }
}

async function writeSchemas() {
  const { reportSchema } = await import(dist('report/model.js'))
  const { configSchema } = await import(dist('audit/config.js'))
  const write = (file, schema) => replace(dist(file), `${JSON.stringify(schema, null, 2)}\n`)
  write('report.schema.json', reportJsonSchema(reportSchema))
  write('config.schema.json', configJsonSchema(configSchema))
}

/** Writes in one step and only what changed: a test that reads at the same time never sees half a file. */
function replace(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.${process.pid}`, text)
  renameSync(`${path}.${process.pid}`, path)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await Promise.all([bundleApp(), bundleAgent(), bundleAttachedAgent(), bundleCli()])
  await writeSchemas()
  chmodSync(dist('cli/main.js'), 0o755)
}
