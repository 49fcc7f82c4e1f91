import {
  appendFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { readStat } from '../../targets/proc-listing.ts'
import { isZombie } from '../proc/stat.ts'
import { Tracefs } from './tracefs.ts'

/** Each CPU's: half a second and more of the worst storm of futexes. */
const BUFFER_KB = 16_384
const BUFFERS_AT_MOST_KB = 262_144
const NAME = /^holdup-(\d+)-(\d+)$/
/** Of `set_event_pid`, in one write. */
const IDS_AT_ONCE = 4096
const RUN = '/run'

/** A private instance of the kernel's tracing: its events, buffers and filters are nobody else's. */
export class Instance {
  readonly path: string
  readonly #tracefs: Tracefs
  readonly #mark: string

  /** Throws where it is not permitted. A file in /run says that it is there, for `sweepInstances`. */
  constructor() {
    const name = `holdup-${process.pid}-${readStat(process.pid)?.start}`
    this.#mark = join(markFolder(), name)
    this.#tracefs = Tracefs.open()
    this.path = join(this.#tracefs.path, 'instances', name)
    writeFileSync(this.#mark, '')
    try {
      mkdirSync(this.path)
      this.write('tracing_on', '0')
      // The clock of the recording.
      this.write('trace_clock', 'mono')
      this.write('options/event-fork', '1')
      this.write('buffer_size_kb', String(Math.min(BUFFER_KB, Math.floor(BUFFERS_AT_MOST_KB / availableParallelism()))))
    } catch (error) {
      this.remove()
      throw error
    }
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text)
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8')
  }

  has(file: string): boolean {
    return existsSync(join(this.path, file))
  }

  /** Events of these threads too, and of all that they start. */
  follow(tids: readonly number[]): void {
    for (let from = 0; from < tids.length; from += IDS_AT_ONCE)
      appendFileSync(join(this.path, 'set_event_pid'), `${tids.slice(from, from + IDS_AT_ONCE).join(' ')}\n`)
  }

  /** Descriptors of the raw buffers, one a CPU; to be closed before `remove`. */
  openBuffers(): number[] {
    const cpus = readdirSync(join(this.path, 'per_cpu'))
    return cpus.map((cpu) => openSync(join(this.path, 'per_cpu', cpu, 'trace_pipe_raw'), NON_BLOCKING))
  }

  /** Events that were overwritten before anybody read them, so far. */
  overruns(): number {
    const cpus = readdirSync(join(this.path, 'per_cpu'))
    const of = (cpu: string) => /^overrun: (\d+)/m.exec(this.read(`per_cpu/${cpu}/stats`))?.[1] ?? 0
    return cpus.reduce((sum, cpu) => sum + Number(of(cpu)), 0)
  }

  remove(): void {
    try {
      if (existsSync(this.path)) rmdirSync(this.path)
      rmSync(this.#mark, { force: true })
    } finally {
      this.#tracefs.close()
    }
  }
}

/** O_RDONLY | O_NONBLOCK, the same on x64 and arm64. */
const NON_BLOCKING = 0o4000

/** Removes what a killed holdup left in the kernel. Costs a look at /run where there is nothing; never throws. */
export function sweepInstances(): void {
  try {
    const left = readdirSync(markFolder()).filter((name) => NAME.test(name) && !isAlive(name))
    if (left.length === 0) return
    const tracefs = Tracefs.open()
    for (const name of left) {
      const instance = join(tracefs.path, 'instances', name)
      if (existsSync(instance)) rmdirSync(instance)
      rmSync(join(markFolder(), name), { force: true })
    }
    tracefs.close()
  } catch {
    // The next command tries again.
  }
}

function isAlive(name: string): boolean {
  const [, pid, start] = NAME.exec(name) ?? []
  const stat = readStat(Number(pid))
  return stat !== null && String(stat.start) === start && !isZombie(stat)
}

function markFolder(): string {
  return existsSync(RUN) ? RUN : tmpdir()
}
