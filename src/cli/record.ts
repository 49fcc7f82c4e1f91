import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TARGET_EXITED } from '../analysis/quality.ts'
import { ATTACHED } from '../analysis/window.ts'
import { LoadDriver } from '../load/load-driver.ts'
import { NativeSampler } from '../probes/native-sampler/probe.ts'
import { agentFile } from '../probes/native/agent-file.ts'
import { NativeProbe } from '../probes/native/probe.ts'
import { NodeProbe } from '../probes/node/probe.ts'
import { PerfProbe } from '../probes/perf/probe.ts'
import { PidusageProbe } from '../probes/pidusage.ts'
import type { Probe } from '../probes/probe.ts'
import { procAvailable } from '../probes/proc/available.ts'
import { ProcProbe } from '../probes/proc/probe.ts'
import { FORMAT, VERSION as FORMAT_VERSION } from '../recording/schema.ts'
import { RecentRecords } from '../recording/recent.ts'
import type { AnyRecord, Header, RecordOf } from '../recording/schema.ts'
import type { Sink } from '../recording/sink.ts'
import { RecordingWriter } from '../recording/writer.ts'
import { describeHost } from '../targets/host.ts'
import { attachTo } from '../targets/attach.ts'
import { launch, type LaunchOptions } from '../targets/launch.ts'
import { processFacts } from '../targets/process-facts.ts'
import type { Target } from '../targets/target.ts'
import type { Bytes, Milliseconds } from '../units.ts'
import { driveLoad, type Load, startOnPort } from './drive-load.ts'
import { driveSteps, type StepOptions } from './drive-steps.ts'
import { Ending } from './ending.ts'
import { LiveFigures } from './live-figures.ts'
import { watchMarks } from './marks.ts'
import { reportWindows } from './report-windows.ts'
import { Talk } from './talk.ts'
import { createTracefsProbe, whyOnlySampled } from './tracefs-probe.ts'
import { VERSION } from './version.ts'

const LIST_PROCESSES_MS = 250
/** Kept for a live view. */
const RECENT_MS = 30_000
/** What a target gets between SIGTERM and SIGKILL. */
const GRACE_MS = 5000
const NAME_CHARACTERS = 60

export type ProbeName = 'proc' | 'pidusage' | 'node' | 'native' | 'native-sampler' | 'tracefs' | 'perf'

/** A command to launch. */
interface Launch {
  command: readonly string[]
  env: NodeJS.ProcessEnv
  stdout: LaunchOptions['stdout']
  log?: number
}

/** What shows a recording while it is made. */
export interface LiveView {
  /** How much of the recording it looks back on; 30 s at least are kept. */
  keepMs?: Milliseconds
  /** Called once the probes are at work. `end` ends the recording, `say` tells the user. */
  start(live: {
    recent: RecentRecords
    header: Header
    now: () => Milliseconds
    end(reason: string): void
    say: (text: string) => void
  }): void
  /** Takes what holdup has to say meanwhile: it has the terminal. */
  say?(text: string): void
  /** The recording is at its end. */
  stop(): void
  /** Called when all that was measured is in `recent`; the end waits for it. */
  finish?(): Promise<void>
}

export interface RecordOptions {
  /** A pid is that of a process to attach to. */
  of: Launch | { pid: number }
  folder: string
  quiet: boolean
  durationMs: Milliseconds | null
  warmupMs: Milliseconds
  cpuProfileMs: Milliseconds | null
  maxBytes: Bytes
  /** Reports on each so long a window while it records. */
  reportEveryMs: Milliseconds | null
  probes: readonly ProbeName[]
  /** One that takes what is said stands in place of the status line. */
  live?: LiveView
  load: Load | null
  /** Steps of connections, in place of `load`. */
  steps?: StepOptions
  onPort: string | null
}

export interface Recorded {
  /** Of the recording. */
  path: string
  /** What ended it: `load done`, `duration`, a signal, the target's exit … */
  reason: string
  /** Why it stopped growing before its end; what it holds is good. */
  failure: Error | null
}

/** Launches or attaches to the target, records it until something ends that, and ends or leaves it. */
export async function record(options: RecordOptions): Promise<Recorded> {
  const talk = new Talk(options.quiet)
  const nodeProbe = options.probes.includes('node') ? createNodeProbe(options, talk) : null
  const nativeProbe = options.probes.includes('native') ? createNativeProbe(options, nodeProbe !== null, talk) : null
  const tracefs = createTracefsProbe(options, { exceptNode: nodeProbe !== null, native: nativeProbe })
  const load = options.load || options.steps ? new LoadDriver() : null
  const probes: Probe[] = []
  if (options.probes.includes('proc') && procAvailable()) probes.push(new ProcProbe())
  if (options.probes.includes('native-sampler') && procAvailable())
    probes.push(
      new NativeSampler({
        exceptNode: nodeProbe !== null,
        sightings: tracefs?.sightings,
        lacking: whyOnlySampled(options),
      }),
    )
  if (tracefs) probes.push(tracefs.probe)
  if (options.probes.includes('perf') && options.cpuProfileMs !== null && procAvailable())
    probes.push(new PerfProbe({ exceptNode: nodeProbe !== null, launched: !('pid' in options.of) }))
  if (options.probes.includes('pidusage')) probes.push(new PidusageProbe())
  if (nodeProbe) probes.push(nodeProbe)
  if (nativeProbe) probes.push(nativeProbe)
  if (load) probes.push(load)

  const ending = new Ending()
  const began = performance.now()
  const now = () => performance.now() - began
  try {
    const target = await begin(options.of, [nodeProbe, nativeProbe])
    ending.watch(target)
    const hasTerminal = options.live?.say !== undefined
    const header = describe(target, options, probes, now)
    const writer = await openRecording(target, options, header, now, talk)
    const figures = new LiveFigures()
    const recent = options.live ? new RecentRecords(writer, Math.max(RECENT_MS, options.live.keepMs ?? 0)) : null
    const sink = tee(recent ?? writer, (record) => figures.observe(record))
    let processes = target.tree.list()
    const listing = setInterval(() => void target.tree.refresh().then((list) => (processes = list)), LIST_PROCESSES_MS)
    const mark = (label: string) => sink.add({ k: 'mark', t: now(), label })
    const marking = watchMarks(mark, 'pid' in options.of && !hasTerminal)
    for (const probe of probes) await probe.start({ sink, now, processes: () => processes })
    if ('pid' in options.of) {
      await Promise.race([nodeProbe?.attach({ processes: () => processes }), ending.reached])
      mark(ATTACHED)
    }
    if (!hasTerminal)
      talk.phase(
        `recording ${target.command.slice(0, NAME_CHARACTERS)} (pid ${target.pid}); Ctrl-C ends it and reports`,
      )
    const windows =
      options.reportEveryMs === null ? null : reportWindows(options.folder, options.reportEveryMs, { now, talk })
    if (recent)
      options.live?.start({
        recent,
        header,
        now,
        end: (reason) => ending.reach(reason),
        say: (text) => talk.phase(text),
      })
    if (hasTerminal) talk.divert((text) => options.live?.say?.(text))
    else talk.startStatus(figures, now, marking.key)

    const onPort = options.onPort ? startOnPort(options.onPort, target, ending) : null
    if (options.durationMs !== null) ending.after(options.durationMs)
    if (load && options.load) void driveLoad(load, options.load, target, ending, talk)
    if (load && options.steps) void driveSteps(load, options.steps, { target, ending, talk, sink, now })
    const { reason, failure } = await ending.reached

    talk.endStatus()
    options.live?.stop()
    await load?.stop()
    onPort?.stop()
    if (reason !== TARGET_EXITED) await nodeProbe?.drain()
    ending.passOn()
    await target.terminate(GRACE_MS)
    clearInterval(listing)
    marking.stop()
    windows?.stop()
    const exit = await Promise.race([target.exited, sleep(100, null)])
    // How long the probes take to stop is nobody's time.
    const t = now()
    await Promise.all(probes.map(async (probe) => probe.stop()))
    const closed = writer.close({ t, reason, exit, probes: probes.map(accountOf) })
    const [path] = await Promise.all([closed, options.live?.finish?.()])
    if (failure) throw failure
    return { path, reason, failure: writer.failure }
  } finally {
    nodeProbe?.close()
    nativeProbe?.close()
    await tracefs?.probe.close()
    ending.release()
  }
}

function createNodeProbe({ of, cpuProfileMs }: RecordOptions, talk: Talk): NodeProbe | null {
  if (!('pid' in of)) return new NodeProbe(cpuProfileMs)
  const to = processFacts(of.pid)
  if (!to) talk.phase('no agent, for without /proc its way in cannot be watched: CPU and memory alone')
  return to && new NodeProbe(cpuProfileMs, { to, talk })
}

/** Only a launch brings it along: into a process that runs it can't be put without stopping that. */
function createNativeProbe({ of }: RecordOptions, exceptNode: boolean, talk: Talk): NativeProbe | null {
  if ('pid' in of || process.platform !== 'linux') return null
  const agent = agentFile()
  if (agent === null)
    talk.phase('no native agent, for it is not built (npm run build, with a C compiler): no native locks')
  return agent === null ? null : new NativeProbe(agent, { exceptNode })
}

function begin(of: RecordOptions['of'], agents: readonly (NodeProbe | NativeProbe | null)[]): Promise<Target> {
  if ('pid' in of) return attachTo(of.pid)
  const added = agents.map((agent) => agent?.environment(of.env) ?? {})
  const env = Object.assign({}, of.env, ...added) as NodeJS.ProcessEnv
  return launch(of.command, { env, stdout: of.stdout, ...(of.log !== undefined && { log: of.log }) })
}

/** A recording that can't be opened takes the target along: it was launched to be recorded. */
async function openRecording(
  target: Target,
  options: RecordOptions,
  header: Header,
  now: () => Milliseconds,
  talk: Talk,
): Promise<RecordingWriter> {
  const onFailure = (error: Error) => talk.phase(`recording stopped: ${error.message}`)
  try {
    const path = join(options.folder, 'recording.ndjson')
    return await RecordingWriter.open(path, header, {
      maxBytes: options.maxBytes,
      now,
      onFailure,
    })
  } catch (error) {
    await target.terminate(GRACE_MS)
    throw error
  }
}

function accountOf(probe: Probe): RecordOf<'end'>['probes'][number] {
  return { id: probe.id, ...probe.cost(), ...(probe.note === undefined ? {} : { note: probe.note }) }
}

function describe(target: Target, options: RecordOptions, probes: readonly Probe[], now: () => Milliseconds): Header {
  return {
    format: FORMAT,
    version: FORMAT_VERSION,
    holdup: VERSION,
    startedAt: Date.now() - now(),
    monotonicMs: Number(process.hrtime.bigint()) / 1e6 - now(),
    target: { pid: target.pid, command: target.command, attached: 'pid' in options.of },
    host: describeHost(),
    options: { warmupMs: options.warmupMs, cpuProfileMs: options.cpuProfileMs },
    probes: probes.map(({ id, fidelity, signals, note }) => {
      return { id, fidelity, signals: [...signals], ...(note === undefined ? {} : { note }) }
    }),
  }
}

function tee(sink: Sink, observe: (record: AnyRecord) => void): Sink {
  return {
    string: (text) => sink.string(text),
    stack: (frames) => sink.stack(frames),
    add(record) {
      sink.add(record)
      observe(record)
    },
  }
}
