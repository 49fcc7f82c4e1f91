// `npm run check`: format, lint, types, build, README, dead code, package, tests. A failure prints the command that mends it.
import { spawnSync } from 'node:child_process'

const steps = [
  { name: 'format', command: 'npx oxfmt --check', mend: 'npm run fix' },
  {
    name: 'lint',
    command: 'npx oxlint --type-aware --deny-warnings',
    mend: 'npm run fix, then mend by hand what is left',
  },
  { name: 'types', command: 'npx tsc -p tsconfig.json', mend: 'npx tsc -p tsconfig.json' },
  { name: 'types of the HTML app', command: 'npx tsc -p src/report/html/app', mend: 'npx tsc -p src/report/html/app' },
  { name: 'build', command: 'npm run --silent build', mend: 'npm run build' },
  { name: 'README', command: 'node scripts/readme.mjs --check', mend: 'node scripts/readme.mjs' },
  { name: 'dead code', command: 'npx knip', mend: 'npx knip, and delete what it names' },
  { name: 'package', command: 'npx publint --strict', mend: 'npx publint --strict' },
  { name: 'tests', command: 'npx vitest run', mend: 'npx vitest run <file>' },
]
const wanted = process.argv.includes('--no-tests') ? steps.filter(({ name }) => name !== 'tests') : steps

for (const { name, command, mend } of wanted) {
  const began = performance.now()
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (status !== 0) {
    console.error(`\ncheck: ${name} failed after ${seconds} s\ntry:   ${mend}`)
    process.exit(1)
  }
  console.log(`check: ${name} ok (${seconds} s)`)
}
