import type { Analysis } from '../analysis/signals.ts'
import type { DetectorResult } from '../detectors/detector.ts'
import { meanOf } from '../analysis/mean-span.ts'
import { detectorTitle, rankFindings } from '../detectors/run.ts'
import type { AnyRecord, Header, RecordOf } from '../recording/schema.ts'
import { ATTACHED } from '../analysis/window.ts'
import { drawFlames } from './flames.ts'
import { REPORT_SCHEMA } from './model.ts'
import type { Report } from './model.ts'
import { summarise } from './summary.ts'

/** What a report is made of. */
export interface ReportInput {
  recording: { header: Header; records: readonly AnyRecord[]; file: string; problems: { cutOff: string | null } }
  analysis: Analysis
  results: DetectorResult[]
  /** CPU profiles written beside the report. */
  stacks: Report['stacks']
  generated: Report['generated']
}

/** Turns an analysis and its findings into the report model. */
export function buildReport({ recording, analysis, results, stacks, generated }: ReportInput): Report {
  const { header, records } = recording
  const { signals } = analysis
  const ranked = rankFindings(results)
  const handles = new Map(ranked.map(({ finding }, i) => [finding, `F${i + 1}`]))
  const end = records.findLast((record) => record.k === 'end')
  return {
    schema: REPORT_SCHEMA,
    generated,
    target: describeTarget(header, records, end),
    host: pick(header.host, ['cores', 'kernel', 'platform', 'cgroupCpuLimit']),
    recording: {
      file: recording.file,
      seconds: signals.quality?.recordedSeconds ?? 0,
      window: [analysis.window[0] / 1000, analysis.window[1] / 1000],
      windowReason: analysis.windowReason,
      cutOff: signals.quality?.cutOff ?? null,
      marks: records.flatMap((record) =>
        record.k === 'mark' && record.label !== ATTACHED ? [{ at: record.t / 1000, label: record.label }] : [],
      ),
      probes: header.probes.map((probe) => {
        const spent = end?.probes.find(({ id }) => id === probe.id)
        const { note: noted, ...rest } = probe
        const note = spent?.note ?? noted
        const cost = { cpuSeconds: spent?.cpuSeconds ?? 0 }
        return { ...rest, cost, dropped: spent?.dropped ?? 0, ...(note === undefined ? {} : { note }) }
      }),
      crossChecks: signals.quality?.crossChecks ?? [],
    },
    summary: summarise(
      ranked.map(({ id, finding }) => ({
        id,
        title: detectorTitle(id),
        handle: handles.get(finding) ?? '',
        ...finding,
      })),
      signals,
    ),
    results: results.map(({ findings, ...result }) => ({
      ...result,
      title: detectorTitle(result.id),
      findings: findings.map((finding) => ({ handle: handles.get(finding) ?? '', ...finding })),
    })),
    signals: chooseSignals(signals),
    threadTime: signals.threadTime ?? [],
    steps: analysis.steps,
    threadTimeSteps: analysis.threadTimeSteps() ?? [],
    scale: signals.scale,
    locks: (signals.lockWait?.locks ?? []).map((lock) => ({
      ...lock,
      address: lock.slot.startsWith('0x') ? lock.slot : null,
    })),
    workerCreators: signals.workers?.creators ?? [],
    timelines: analysis.timelines,
    stacks,
    flames: drawFlames(analysis),
  }
}

function describeTarget(
  header: Header,
  records: readonly AnyRecord[],
  end: RecordOf<'end'> | undefined,
): Report['target'] {
  const node = records.find((record) => record.k === 'node')
  const processes = new Set(records.flatMap((record) => (record.k === 'process' ? [record.pid] : [])))
  return {
    pid: header.target.pid,
    command: header.target.command,
    runtime: node ? 'node' : runtimeOf(header.target.pid, records),
    runtimeVersion: node?.version ?? null,
    children: Math.max(0, processes.size - 1),
    exit: end?.exit ?? null,
  }
}

/** Of the process that was launched, unless it only wraps one whose runtime is known better. */
function runtimeOf(root: number, records: readonly AnyRecord[]): string {
  const processes = records.filter((record) => record.k === 'process')
  const managed = processes.find(({ runtime }) => runtime && runtime !== 'native' && runtime !== 'unknown')
  return (managed ?? processes.findLast(({ pid }) => pid === root))?.runtime ?? 'unknown'
}

/** The figures of the signals; their series, trees and lists have places of their own in the model. */
function chooseSignals(signals: Analysis['signals']): Report['signals'] {
  const {
    cpu,
    cgroup,
    memory,
    threads,
    workers,
    processes,
    switches,
    runQueue,
    lockWait,
    eventLoop,
    loops,
    gc,
    client,
    neighbours,
    clientSockets,
    upstreams,
    http,
    httpServer,
  } = signals
  return {
    cpu,
    cgroup: cgroup && pick(cgroup, ['cores', 'share', 'stopped', 'fidelity']),
    memory: memory && omit(memory, ['series']),
    threads: threads && omit(threads, ['series', 'sockets', 'creators', 'growingGroup']),
    workers: workers && omit(workers, ['creators']),
    processes: processes && omit(processes, ['command', 'creators']),
    switches,
    runQueue,
    lockWait: lockWait && omit(lockWait, ['locks', 'byProcess']),
    eventLoop: eventLoop && omit(eventLoop, ['stalls']),
    loops,
    gc,
    client,
    neighbours: neighbours && {
      ...pick(meanOf(neighbours.spans), ['others', 'stolen', 'idle', 'wanted', 'queued']),
      ...pick(neighbours, ['cores', 'programs', 'fidelity']),
    },
    clientSockets,
    upstreams,
    http,
    httpServer,
  }
}

function pick<T, K extends keyof T>(source: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, source[key]])) as Pick<T, K>
}

function omit<T extends object, K extends keyof T>(source: T, keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(source).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>
}
