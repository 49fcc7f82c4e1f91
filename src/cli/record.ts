import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TARGET_EXITED } from '../analysis/quality.ts'
import { ATTACHED } from '../analysis/window.ts'
import { LoadDriver } from '../load/load-driver.ts'
import type { NativeProbe } from '../probes/native/probe.ts'
import type { NodeProbe } from '../probes/node/probe.ts'
import type { Probe } from '../probes/probe.ts'
import { FORMAT, VERSION as FORMAT_VERSION } from '../recording/schema.ts'
import { RecentRecords } from '../recording/recent.ts'
import type { AnyRecord, Header, RecordOf } from '../recording/schema.ts'
import type { Sink } from '../recording/sink.ts'
import { RecordingWriter } from '../recording/writer.ts'
import { describeHost } from '../targets/host.ts'
import { attachTo } from '../targets/attach.ts'
import { launch } from '../targets/launch.ts'
import type { Target, TargetExit } from '../targets/target.ts'
import type { Milliseconds } from '../units.ts'
import { Alone } from './alone.ts'
import { createProbes } from './create-probes.ts'
import { driveLoad, portTold, startOnPort, whyNoLoad } from './drive-load.ts'
import { driveSteps } from './drive-steps.ts'
import { Ending } from './ending.ts'
import { LiveFigures } from './live-figures.ts'
import { watchMarks } from './marks.ts'
import type { RecordOptions } from './record-options.ts'
import { reportWindows } from './report-windows.ts'
import { Talk } from './talk.ts'
import { VERSION } from './version.ts'

const LIST_PROCESSES_MS = 250
/** Kept for a live view. */
const RECENT_MS = 30_000
/** What a target gets between SIGTERM and SIGKILL. */
const GRACE_MS = 5000
const NAME_CHARACTERS = 60

export interface Recorded {
  /** Of the recording. */
  path: string
  /** What ended it: `load done`, `duration`, a signal, the target's exit … */
  reason: string
  /** The target's; null where it goes on. */
  exit: TargetExit | null
  /** Why it stopped growing before its end, or had no load; what it holds is good. */
  failure: Error | null
}

/** Launches or attaches to the target, records it until something ends that, and ends or leaves it. */
export async function record(options: RecordOptions): Promise<Recorded> {
  const talk = new Talk(options.quiet)
  const load = options.load || options.steps ? new LoadDriver() : null
  const probes = createProbes(options, talk, load)
  const { node, native, jvm, go, tracefs } = probes

  const ending = new Ending()
  const began = performance.now()
  const now = () => performance.now() - began
  try {
    const target = await begin(options.of, [node, native])
    ending.watch(target)
    const hasTerminal = options.live?.say !== undefined
    const header = describe(target, options, probes.all, now)
    const writer = await openRecording(target, options, header, now, talk)
    const figures = new LiveFigures()
    const recent = options.live ? new RecentRecords(writer, Math.max(RECENT_MS, options.live.keepMs ?? 0)) : null
    const alone = options.load ? new Alone(options.load, availableParallelism()) : null
    const sink = tee(recent ?? writer, (record) => {
      figures.observe(record)
      alone?.observe(record)
    })
    let processes = target.tree.list()
    const list = async () => {
      processes = await target.tree.refresh()
      node?.follow(processes)
    }
    const listing = setInterval(() => void list(), LIST_PROCESSES_MS)
    const mark = (label: string) => sink.add({ k: 'mark', t: now(), label })
    const marking = watchMarks(mark, 'pid' in options.of && !hasTerminal)
    for (const probe of probes.all) await probe.start({ sink, now, processes: () => processes })
    if ('pid' in options.of) {
      await Promise.race([node?.attach({ processes: () => processes }), ending.reached])
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

    const told = 'env' in options.of ? portTold(options.of.env) : undefined
    const context = { target, told, ending, talk, sink, now }
    const onPort = options.onPort ? startOnPort(options.onPort, context) : null
    if (options.durationMs !== null) ending.after(options.durationMs)
    if (load && options.load) void driveLoad(load, options.load, context)
    if (load && options.steps) void driveSteps(load, options.steps, context)
    const { reason, failure } = await ending.reached
    const noLoad =
      load && options.load && !failure && reason !== TARGET_EXITED
        ? whyNoLoad(options.load.url, load, target, now())
        : null

    talk.endStatus()
    options.live?.stop()
    await load?.stop()
    onPort?.stop()
    if (load?.url !== undefined && alone?.isWorthwhile(reason)) await alone.measure(load.url, context)
    // What is about to be ended must tell before; what goes on can be asked when the probes stop.
    const lasts = 'pid' in options.of
    if (reason !== TARGET_EXITED) await Promise.all([node?.drain(), ...(lasts ? [] : [jvm?.drain(), go?.drain()])])
    ending.passOn()
    await target.terminate(GRACE_MS)
    clearInterval(listing)
    marking.stop()
    windows?.stop()
    const exit = await Promise.race([target.exited, sleep(100, null)])
    // How long the probes take to stop is nobody's time.
    const t = now()
    await Promise.all(probes.all.map(async (probe) => probe.stop()))
    const closed = writer.close({ t, reason, exit, probes: probes.all.map(accountOf) })
    const [path] = await Promise.all([closed, options.live?.finish?.()])
    if (failure) throw failure
    return { path, reason, exit, failure: writer.failure ?? noLoad }
  } finally {
    node?.close()
    native?.close()
    jvm?.close()
    await tracefs?.close()
    ending.release()
  }
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
