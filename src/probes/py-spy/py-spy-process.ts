import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { removeStaleFolders } from '../../targets/stale-folders.ts'
import type { Milliseconds, Ratio, Seconds } from '../../units.ts'
import { kernelUnits } from '../proc/auxv.ts'
import { parseStat } from '../proc/stat.ts'
import type { ProbeContext } from '../probe.ts'
import { type FoldedStack, parseFolded } from './folded-stacks.ts'
import { cpuByThread } from './thread-cpu.ts'

/** Each run of py-spy tells a sum: of when in it a stack was seen there is no word. */
const WINDOW_SECONDS: Seconds = 2
const SAMPLES_PER_SECOND = 100
/** Of the process' CPU: with less under the interpreter lock, the rest is that of libraries which let go of it, or py-spy came late. */
const UNDER_LOCK: Ratio = 0.5
/** One that has just begun, or an old one, may not have said yet where its lock is. */
const TRIES_AT_LOCK = 2
const FOLDER_PREFIX = 'holdup-py-spy-'
/** Each window has a folder of its own. */
const STALE_AFTER_MS: Milliseconds = 60_000

/** One Python process: py-spy runs on it, one window after the other. */
export class PySpyProcess {
  /** Why it gives nothing; null while it does, or may yet. */
  failure: string | null = null
  readonly #pid: number
  readonly #context: Pick<ProbeContext, 'sink' | 'now'>
  readonly #done: Promise<void>
  /**
   * Whether threads are looked at only while they have the interpreter lock: without it others that have just come back from a call, and wait
   * for the lock or a core, would pass for running.
   */
  #isUnderLock = true
  #failed = 0
  #child: ChildProcess | null = null
  #ending = false
  /** CPU of the runs that have ended, and of the one that has not. */
  #endedCpu: Seconds = 0
  #childCpu: Seconds = 0

  constructor(pid: number, context: Pick<ProbeContext, 'sink' | 'now'>) {
    this.#pid = pid
    this.#context = context
    this.#done = this.#run()
  }

  /** Has what was seen since the last window recorded. */
  async end(): Promise<void> {
    this.#ending = true
    this.#child?.kill('SIGINT')
    await this.#done
  }

  /** To be asked while it runs: of one that has ended nobody knows. */
  get cpuSeconds(): Seconds {
    try {
      const { cpuTicks } = parseStat(readFileSync(`/proc/${this.#child?.pid}/stat`, 'latin1'))
      this.#childCpu = (cpuTicks * kernelUnits().tickMs) / 1000
    } catch {
      // Between two windows.
    }
    return this.#endedCpu + this.#childCpu
  }

  async #run(): Promise<void> {
    try {
      removeStaleFolders(tmpdir(), FOLDER_PREFIX, () => STALE_AFTER_MS)
      while (!this.#ending && this.failure === null) {
        const from = this.#context.now()
        const before = cpuByThread(this.#pid)
        const folded = await this.#window()
        if (folded !== null) this.#record(parseFolded(folded), from, before)
      }
    } catch (error) {
      // No room for a temporary file, say.
      this.failure = (error as Error).message
    }
  }

  /** Folded stacks; null where there were none. */
  async #window(): Promise<string | null> {
    // It opens its output by name, which Node's pipes have not.
    const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX))
    const output = join(folder, 'stacks')
    const child = spawn('py-spy', argumentsFor(this.#pid, output, this.#isUnderLock), {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Of a session of its own: Ctrl-C is not for it.
      detached: true,
    })
    this.#child = child
    try {
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number | null]>])
      if (code === 0) return readFileSync(output, 'utf8')
      // Asked to end before it could answer, it just dies.
      if (++this.#failed === TRIES_AT_LOCK) this.#isUnderLock = false
      else if (this.#failed > TRIES_AT_LOCK && !this.#ending)
        this.failure = said.split('\n')[0]?.replace(/^Error: /, '') || `it ended with ${code}`
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      this.failure = code === 'ENOENT' ? 'py-spy is not installed' : message
    } finally {
      rmSync(folder, { recursive: true })
      this.#child = null
      this.#endedCpu += this.#childCpu
      this.#childCpu = 0
    }
    return null
  }

  /** Samples are of threads that want to run: each stands for its part of the CPU that its thread used since then. */
  #record(stacks: readonly FoldedStack[], from: Milliseconds, before: ReadonlyMap<number, Milliseconds>): void {
    const { sink, now } = this.#context
    const to = now()
    const after = cpuByThread(this.#pid)
    const samplesOf = new Map<number, number>()
    for (const { tid, samples } of stacks) samplesOf.set(tid, (samplesOf.get(tid) ?? 0) + samples)
    const usedBy = new Map(Array.from(after, ([tid, ms]) => [tid, Math.min(ms - (before.get(tid) ?? 0), to - from)]))
    const known = [...samplesOf.keys()].reduce((sum, tid) => sum + (usedBy.get(tid) ?? 0), 0)
    const whole = [...usedBy.values()].reduce((sum, ms) => sum + ms, 0)
    const seen = [...samplesOf.values()].reduce((sum, samples) => sum + samples, 0) * (1000 / SAMPLES_PER_SECOND)
    if (seen < whole * UNDER_LOCK) this.#isUnderLock = false
    const rows = stacks.flatMap(({ tid, stack, samples }): [number, number, number, number][] => {
      const all = samplesOf.get(tid) ?? 1
      // One without a name has what the others leave; one that has ended since used what its samples say at the most.
      const used = usedBy.get(tid) ?? (tid === 0 ? whole - known : (all * 1000) / SAMPLES_PER_SECOND)
      const ms = Math.round(((used * samples) / all) * 1000) / 1000
      return ms > 0 ? [[tid || this.#pid, Math.round((from + to) / 2), ms, sink.stack(stack)]] : []
    })
    if (rows.length > 0) sink.add({ k: 'on-cpu', t: to, pid: this.#pid, rows })
  }
}

/** Without pausing the target. */
function argumentsFor(pid: number, output: string, isUnderLock: boolean): string[] {
  const what = ['--pid', String(pid), '--nonblocking', '--threads', '--function', '--full-filenames']
  if (isUnderLock) what.push('--gil')
  const how = ['--rate', String(SAMPLES_PER_SECOND), '--duration', String(WINDOW_SECONDS), '--format', 'raw']
  return ['record', ...what, ...how, '--output', output]
}
