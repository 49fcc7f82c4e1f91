// Fills the generated parts of README.md: the catalogue (from the built detectors), the demo's table (from reports/examples).
// `--check` only says whether they are up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { catalogue } from '../dist/detectors/index.js'

const comparison = 'reports/examples/comparison.md'
const blocks = {
  catalogue: [
    '| pattern | what | needs |',
    '| --- | --- | --- |',
    ...catalogue.map(
      ({ meta }) =>
        `| [${meta.id}](docs/detectors/${meta.id}.md) | ${meta.title} | ${meta.requires.join(', ') || '–'} |`,
    ),
  ].join('\n'),
  // The first table: what follows it is in the report.
  demo:
    readFileSync(comparison, 'utf8')
      .split('\n\n')
      .find((part) => part.startsWith('|')) ?? '',
}

const before = readFileSync('README.md', 'utf8')
const after = Object.entries(blocks).reduce(
  (text, [name, block]) =>
    text.replace(
      new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`),
      (_, open, close) => `${open}${block}\n${close}`,
    ),
  before,
)
if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('README.md is out of date\ntry: node scripts/readme.mjs')
    process.exit(1)
  }
} else writeFileSync('README.md', after)
