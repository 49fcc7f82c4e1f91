// Redis's own tests, built from Debian's source package, bare and under `holdup run`: both must pass what the other passes.
// node scripts/redis-tests.mjs [--all | unit/name …]; needs Debian with `apt-get build-dep redis` (or the packages named below).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HOLDUP = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const DEPENDENCIES =
  'libhiredis-dev libjemalloc-dev liblua5.1-dev liblzf-dev lua-bitop-dev lua-cjson-dev pkg-config tcl libsystemd-dev libssl-dev'
/** Types, expiry, blocking commands, background threads and children (lazy freeing, saving, replication), scripts, many clients. */
const SOME =
  'unit/type/string unit/type/list unit/type/hash unit/type/zset unit/expire unit/multi unit/pubsub unit/info unit/lazyfree unit/introspection unit/scripting unit/querybuf integration/aof integration/rdb integration/block-repl'
/** With none of the time that a shared machine may lack. */
const OPTIONS = ['--clients', '2', '--timeout', '300']

const work = join(tmpdir(), 'holdup-redis')
const given = process.argv.slice(2)
const all = given.includes('--all')
const names = given.length > 0 && !all ? given : SOME.split(' ')
const source = fetchSource()
build(source)
const bare = test('bare', [])
const recorded = mkdtempSync(join(tmpdir(), 'holdup-redis-recorded-'))
const under = test('under holdup', [process.execPath, HOLDUP, 'run', '--quiet', '-o', recorded, '--'])
rmSync(recorded, { recursive: true })
const worse = under.failed.filter((name) => !bare.failed.includes(name))
const holds = worse.length === 0 && under.passed >= bare.passed && bare.passed > 0
console.log(`${holds ? 'holds' : 'FAILS'}: ${under.passed} pass under holdup, ${bare.passed} bare`)
for (const name of worse) console.log(`  only under holdup: ${name}`)
process.exitCode = holds ? 0 : 1

/** Debian's source of the release that runs here, with its patches; gives the folder. */
function fetchSource() {
  mkdirSync(work, { recursive: true })
  const unpacked = () => readdirSync(work).find((name) => /^redis-\d/.test(name))
  if (!unpacked()) {
    const release = run('sh', ['-c', '. /etc/os-release; echo "$VERSION_CODENAME"'], { stdio: 'pipe' }).stdout.trim()
    const list = join(work, 'sources.list')
    const security = `deb-src http://deb.debian.org/debian-security ${release}-security main`
    writeFileSync(list, `deb-src http://deb.debian.org/debian ${release} main\n${security}\n`)
    mkdirSync(join(work, 'lists/partial'), { recursive: true })
    const own = ['-o', `Dir::Etc::SourceList=${list}`, '-o', 'Dir::Etc::SourceParts=/dev/null']
    const lists = ['-o', `Dir::State::Lists=${join(work, 'lists')}`, '-o', 'APT::Sandbox::User=root']
    run('apt-get', ['-qq', ...own, ...lists, 'update'], { cwd: work })
    run('apt-get', ['-qq', ...own, ...lists, 'source', 'redis'], { cwd: work })
  }
  return join(work, unpacked())
}

/** As debian/rules does, but for TLS and systemd. */
function build(folder) {
  if (existsSync(join(folder, 'src/redis-server'))) return
  const options = ['USE_SYSTEM_JEMALLOC=yes', 'USE_JEMALLOC=yes', 'USE_SYSTEMD=no', 'CFLAGS=-I/usr/include/liblzf']
  const libraries = 'LDFLAGS=-Wl,-no-as-needed -ldl -latomic -llzf'
  const make = spawnSync('make', ['-j2', '-C', folder, ...options, libraries], { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (make.status === 0) return
  throw new Error(`redis did not build: ${make.stderr.slice(-2000)}\nIt needs: apt-get install ${DEPENDENCIES}`)
}

/** Runs the tests; those that passed, and the names of those that failed. */
function test(what, before) {
  const [command, ...args] = [
    ...before,
    './runtest',
    ...OPTIONS,
    ...(all ? [] : names.flatMap((name) => ['--single', name])),
  ]
  const began = Date.now()
  const { stdout, stderr } = spawnSync(command, args, { cwd: source, encoding: 'utf8', maxBuffer: 1 << 28 })
  const lines = stdout.split('\n').map((line) => line.replace(/\x1b\[[0-9;]*m/g, ''))
  const passed = lines.filter((line) => line.startsWith('[ok]')).length
  const failed = lines.filter((line) => /^\[(err|exception)\]/.test(line))
  const seconds = ((Date.now() - began) / 1000).toFixed(0)
  console.log(`${what}: ${passed} passed, ${failed.length} failed in ${seconds} s`)
  if (passed === 0) console.log(`${stdout}${stderr}`.slice(-2000))
  for (const line of failed) console.log(`  ${line}`)
  return { passed, failed }
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], encoding: 'utf8', ...options })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.status}`)
  return result
}
