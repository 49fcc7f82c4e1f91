/** Programs that nobody here wrote, busy and at rest: what is found in them. `npm run bench:programs`. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { freePort } from '../src/cli/free-port.ts'
import type { Report } from '../src/report/model.ts'
import { formatNumber } from '../src/units.ts'
import { CLI } from '../test/support/cli.ts'
import {
  has,
  launchServer,
  mariadb,
  nginx,
  type Package,
  postgresql,
  redis,
  underLoad,
} from '../test/support/debian.ts'
import { foundIn, faultsIn } from '../test/support/fixture.ts'
import { textTable } from './lib/text-table.ts'

const ROOT = join(import.meta.dirname, '..')
/** A row as it should be: at rest nothing can be said, and that is a warning. */
const AT_REST = 'no-load'

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '12' } } })
const seconds = Number(options.seconds)

interface Program {
  name: string
  expected: string[]
  record(busy: boolean): Promise<Report>
}

/** A service of npm's, under holdup's own load. */
function service(name: string, script: string, path: string): Program {
  return {
    name,
    expected: [],
    async record(busy) {
      const port = await freePort()
      const folder = mkdtempSync(join(tmpdir(), 'holdup-programs-'))
      try {
        const load = busy ? ['--load', `http://127.0.0.1:${port}${path}`, '-c', '16'] : []
        const args = ['run', '--quiet', '-d', `${seconds}s`, '--warmup', '2s', '-o', folder, ...load]
        const env = { ...process.env, PORT: String(port), NODE_ENV: 'production' }
        await promisify(execFile)(process.execPath, [CLI, ...args, '--', process.execPath, join(ROOT, script)], { env })
        return reportIn(folder)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

/** A server of Debian's, under the load of its own client. */
function debian(of: Package, expected: string[] = []): Program {
  return {
    name: of.name,
    expected,
    async record(busy) {
      const server = await of.make()
      try {
        const { out, done } = await launchServer(server, seconds)
        await (busy ? underLoad(server, done) : done)
        return reportIn(out)
      } finally {
        rmSync(server.folder, { recursive: true, force: true })
      }
    },
  }
}

function reportIn(folder: string): Report {
  return JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
}

const packages = [redis, nginx, postgresql, mariadb(100)]
const programs = [
  service('Express', 'test/support/express-app.mjs', '/items'),
  service('Fastify', 'bench/peers/fastify-app.mjs', '/items'),
  ...packages.filter(has).map((of) => debian(of)),
  ...[mariadb(0)].filter(has).map((of) => debian(of, ['thread-per-request'])),
]

console.log(
  `${new Date().toISOString()} · Node ${process.version} · ${availableParallelism()} cores · Linux ${release()}`,
)
const rows = [['program', '', 'requests/s', 'cores', 'found at warning or over', 'information']]
let wrong = 0
for (const program of programs)
  for (const busy of [true, false]) {
    const { name, expected } = program
    const report = await program.record(busy)
    const faults = faultsIn(report)
    const hoped = busy ? expected : [AT_REST]
    if (faults.join() !== hoped.join()) wrong++
    const { cpu, http, httpServer } = report.signals
    const perSecond = (http ?? httpServer)?.perSecond
    const others = foundIn(report).filter((id) => !faults.includes(id))
    rows.push([
      name,
      busy ? 'busy' : 'at rest',
      perSecond === undefined ? '' : formatNumber(perSecond),
      cpu ? formatNumber(cpu.cores) : '',
      faults.join(', ') || 'nothing',
      others.join(', '),
    ])
  }
console.log(`\n${textTable(rows)}\n`)
console.log(wrong === 0 ? 'holds: each as it should be' : `FAILS: ${wrong} rows are not as they should be`)
process.exitCode = wrong === 0 ? 0 : 1
