/** Servers of Debian's packages, with a client that loads them. As root they run as nobody, for some insist on an ordinary user. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/cli/free-port.ts'
import { CLI } from './cli.ts'

const NOBODY = 65_534
const READY_MS = 20_000
const STOP_WITHIN_MS = 10_000
const MOST_STARTS = 20
const RESTART_MS = 50
const isRoot = process.geteuid?.() === 0

/** One of them, its data in a folder of its own. */
export interface Server {
  command: readonly string[]
  folder: string
  port: number
  /** A client that is busy until it is killed. */
  load: readonly string[]
}

export interface Package {
  name: string
  /** Commands without which it cannot be tried. */
  needs: readonly string[]
  make(): Promise<Server>
}

/** PostgreSQL's own programs are not on the PATH. */
const postgres = `/usr/lib/postgresql/${lastIn('/usr/lib/postgresql')}/bin`

export const redis: Package = {
  name: 'Redis',
  needs: ['redis-server', 'redis-benchmark'],
  async make() {
    const { folder, port } = await place()
    return {
      folder,
      port,
      command: ['redis-server', '--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder],
      load: ['redis-benchmark', '-p', `${port}`, '-q', '-t', 'set,get', '-c', '50', '-n', '1000000000'],
    }
  },
}

export const nginx: Package = {
  name: 'nginx',
  needs: ['nginx', 'wrk'],
  async make() {
    const { folder, port } = await place()
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    writeFileSync(join(folder, 'index.html'), 'hello\n')
    writeFileSync(
      join(folder, 'nginx.conf'),
      `worker_processes 2; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
      events { worker_connections 512; }
      http { access_log off; ${temporary.join(' ')} server { listen 127.0.0.1:${port}; root ${folder}; } }`,
    )
    return {
      folder,
      port,
      command: ['nginx', '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`],
      load: ['wrk', '-t1', '-c32', '-d1h', `http://127.0.0.1:${port}/`],
    }
  },
}

export const postgresql: Package = {
  name: 'PostgreSQL',
  needs: [`${postgres}/postgres`, 'pgbench'],
  async make() {
    const { folder, port } = await place()
    const data = join(folder, 'data')
    runAsUser([`${postgres}/initdb`, '-D', data, '-U', 'tester', '-A', 'trust', '--no-sync'], folder)
    const database = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'tester', 'postgres']
    const command = [
      `${postgres}/postgres`,
      '-D',
      data,
      '-p',
      `${port}`,
      '-k',
      folder,
      '-c',
      'listen_addresses=127.0.0.1',
    ]
    const server = { folder, port, command, load: ['pgbench', '-c', '8', '-T', '3600', ...database] }
    const { stop } = await startServer(server)
    execFileSync('pgbench', ['-i', '-q', '-s', '2', ...database], { stdio: 'pipe' })
    await stop()
    return server
  },
}

/** A thread for each connection, `cached` of them kept; the client connects anew for each query. */
export function mariadb(cached: number): Package {
  return {
    name: `MariaDB, thread_cache_size=${cached}`,
    needs: ['mariadbd', 'mariadb-install-db', 'mariadb-slap'],
    async make() {
      const { folder, port } = await place()
      const data = join(folder, 'data')
      const options = ['--no-defaults', `--datadir=${data}`]
      runAsUser(
        ['mariadb-install-db', ...options, '--auth-root-authentication-method=normal', '--skip-test-db'],
        folder,
      )
      const threads = ['--thread-handling=one-thread-per-connection', `--thread_cache_size=${cached}`]
      const at = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${folder}/socket`, `--pid-file=${folder}/pid`]
      const many = ['--detach=1', '--concurrency=8', '--number-of-queries=1000000000']
      return {
        folder,
        port,
        command: ['mariadbd', ...options, ...threads, ...at],
        load: ['mariadb-slap', ...clientOptions(port), '--create-schema=mysql', '--query=select 1', ...many],
      }
    },
  }
}

/** MariaDB's own count. */
export function threadsCreated({ port }: Server): number {
  const query = "show global status like 'Threads_created'"
  const said = execFileSync('mariadb', [...clientOptions(port), '-N', '-e', query], { encoding: 'utf8' })
  return Number(said.split('\t')[1])
}

/** Whether each command is there. */
export function has({ needs }: Package): boolean {
  return needs.every((command) => spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0)
}

/** The command as an ordinary user, where it is root that asks. */
export function asUser(command: readonly string[], folder: string): string[] {
  if (!isRoot) return [...command]
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  return ['setpriv', ...ids, 'env', `HOME=${folder}`, ...command]
}

export async function startServer(server: Server): Promise<{ pid: number; stop: () => Promise<void> }> {
  return started(server, asUser(server.command, server.folder))
}

/** Holdup as an ordinary user in front of it; `done` resolves at its end. */
export async function launchServer(server: Server, seconds: number): Promise<{ out: string; done: Promise<void> }> {
  const out = join(server.folder, `launched-${process.hrtime.bigint()}`)
  const holdup = [process.execPath, CLI, 'run', '--quiet', '-d', `${seconds}s`, '-o', out, '--', ...server.command]
  const { ended } = await started(server, asUser(holdup, server.folder))
  return { out, done: ended.then(() => undefined) }
}

/** Keeps it busy until the promise is there. A client that gives up is started again; rejects with what it said where it does nothing else. */
export async function underLoad<T>(server: Server, during: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const [done] = await Promise.all([during.finally(() => stop.abort()), keepLoading(server, stop)])
  return done
}

async function keepLoading({ load: [client = '', ...args], folder }: Server, stop: AbortController): Promise<void> {
  for (let starts = 1; !stop.signal.aborted; starts++) {
    const loading = spawn(client, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder })
    const said: Buffer[] = []
    loading.stderr.on('data', (data: Buffer) => said.push(data))
    const kill = (): boolean => loading.kill('SIGKILL')
    stop.signal.addEventListener('abort', kill)
    await once(loading, 'close')
    stop.signal.removeEventListener('abort', kill)
    if (!stop.signal.aborted && starts === MOST_STARTS)
      throw new Error(`${client} gave up ${starts} times: ${Buffer.concat(said).toString().slice(-500)}`)
    await sleep(RESTART_MS)
  }
}

async function started(
  { folder, port }: Server,
  [file = '', ...args]: readonly string[],
): Promise<{ pid: number; ended: Promise<unknown>; stop: () => Promise<void> }> {
  const child: ChildProcess = spawn(file, args, { stdio: 'ignore', cwd: folder })
  const ended = once(child, 'exit')
  for (const by = performance.now() + READY_MS; !(await answers(port)); await sleep(50))
    if (performance.now() > by || child.exitCode !== null) throw new Error(`${args.join(' ')} does not listen`)
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const killing = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    await ended
    clearTimeout(killing)
  }
  return { pid: child.pid ?? 0, ended, stop }
}

/** Whether somebody listens on that port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const tell = (does: boolean): void => {
      socket.destroy()
      resolve(does)
    }
    socket.once('connect', () => tell(true)).once('error', () => tell(false))
  })
}

async function place(): Promise<{ folder: string; port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-debian-'))
  chmodSync(folder, 0o777)
  mkdirSync(join(folder, 'tmp'))
  return { folder, port: await freePort() }
}

function runAsUser(command: readonly string[], folder: string): void {
  const [file = '', ...args] = asUser(command, folder)
  execFileSync(file, args, { stdio: 'pipe', cwd: folder })
}

function clientOptions(port: number): string[] {
  return ['--no-defaults', '-uroot', '-h127.0.0.1', `-P${port}`]
}

function lastIn(folder: string): string {
  try {
    return readdirSync(folder).toSorted().at(-1) ?? ''
  } catch {
    return ''
  }
}
