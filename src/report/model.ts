/** The report: one JSON model; every view (terminal, HTML, Markdown) is made from it and from nothing else. */
import * as v from 'valibot'
import { scale } from './model-scale.ts'
import { signals } from './model-signals.ts'
import { fidelity, nullable, num, quantiles, text } from './model-values.ts'

export const REPORT_SCHEMA = 'holdup-report/1'

const series = v.array(v.tuple([num, num]))
const severity = v.picklist(['critical', 'warning', 'info'])
const exit = nullable(v.object({ code: nullable(num), signal: nullable(text) }))

const finding = v.object({
  /** `F1` …, over the whole report in rank order; what `holdup explain F1` takes. */
  handle: text,
  severity,
  summary: text,
  cost: v.object({ threadsHeldUp: nullable(num), gain: nullable(num), unit: v.optional(v.literal('requests')) }),
  evidence: v.array(
    v.object({
      name: text,
      value: num,
      unit: text,
      limit: v.optional(num),
      fidelity: v.optional(fidelity),
      note: v.optional(text),
    }),
  ),
  where: v.array(v.object({ role: text, stack: v.array(text), share: v.optional(num) })),
  advice: text,
  /** Ids of the locks in `locks` that it is about. */
  locks: v.optional(v.array(text)),
})

const result = v.object({
  id: text,
  title: text,
  status: v.picklist(['found', 'clean', 'not-applicable', 'failed']),
  missing: v.array(text),
  findings: v.array(finding),
})

const lock = v.object({
  id: text,
  kind: v.picklist(['mutex', 'rwlock', 'promise-lock', 'gil']),
  pid: num,
  /** Null where the probe gives no address: a JavaScript lock is known by its slot. */
  address: nullable(text),
  slot: text,
  name: text,
  role: v.picklist(['lock', 'idle', 'unclassified']),
  because: text,
  waits: nullable(num),
  waitSeconds: num,
  heldUp: num,
  waiterThreads: num,
  holdPerSecond: nullable(num),
  waitMs: nullable(v.object(quantiles)),
  holdMs: v.optional(nullable(num)),
  holdFidelity: v.optional(fidelity),
  fidelity: v.optional(fidelity),
  holderBlocked: nullable(
    v.object({ share: num, in: text, behindLock: v.optional(num), stack: v.optional(v.array(text)) }),
  ),
  writeShare: v.optional(nullable(num)),
  stuck: v.optional(
    nullable(
      v.object({
        seconds: num,
        cores: num,
        owner: nullable(v.object({ tid: num, name: text, doing: text, awaits: nullable(text), stack: v.array(text) })),
      }),
    ),
  ),
  waiters: v.array(v.object({ stack: v.array(text), seconds: num })),
  holders: v.array(v.object({ stack: v.array(text), share: num })),
})

const threadGroup = v.object({
  group: text,
  threads: num,
  seconds: v.object({
    onCpu: num,
    runnable: num,
    lockWait: num,
    idleWait: num,
    ioWait: num,
    sleeping: num,
    unknown: num,
  }),
})

const byStep = v.optional(v.array(num))

/** A call tree as `[frame index, self, total, children]`, frames interned beside it; weights in milliseconds. */
export type PackedTree = [number, number, number, PackedTree[]]
const packedTree: v.GenericSchema<PackedTree> = v.lazy(() => v.tuple([num, num, num, v.array(packedTree)]))

export const reportSchema = v.object({
  schema: v.literal(REPORT_SCHEMA),
  /** The only part that differs between two reports of one recording. */
  generated: v.object({ at: text, holdup: text }),
  target: v.object({
    pid: num,
    command: text,
    runtime: text,
    runtimeVersion: nullable(text),
    children: num,
    exit,
  }),
  host: v.object({ cores: num, kernel: text, platform: text, cgroupCpuLimit: nullable(num) }),
  recording: v.object({
    file: text,
    seconds: num,
    window: v.tuple([num, num]),
    windowReason: text,
    cutOff: nullable(text),
    /** What the user marked, in seconds since the recording began. */
    marks: v.array(v.object({ at: num, label: text })),
    probes: v.array(
      v.object({
        id: text,
        fidelity,
        signals: v.array(text),
        cost: v.object({ cpuSeconds: num }),
        dropped: num,
        note: v.optional(text),
      }),
    ),
    /** Figures that two probes had of the same thing: what the other one leaves open lies between `low` and `high`. */
    crossChecks: v.optional(
      v.array(
        v.object({
          signal: text,
          unit: text,
          pid: nullable(num),
          value: num,
          by: text,
          low: num,
          high: num,
          against: text,
          agrees: v.boolean(),
        }),
      ),
      [],
    ),
  }),
  summary: text,
  results: v.array(result),
  signals,
  threadTime: v.array(threadGroup),
  /** The recording in parts of `stepMs`, beginning at `from`, both in ms; absent in reports of older versions. */
  steps: v.optional(v.object({ from: num, stepMs: num, count: num })),
  /** `threadTime` of each step, over the whole recording, in seconds; states without any are absent. */
  threadTimeSteps: v.optional(
    v.array(
      v.object({
        group: text,
        seconds: v.object({
          onCpu: byStep,
          runnable: byStep,
          lockWait: byStep,
          idleWait: byStep,
          ioWait: byStep,
          sleeping: byStep,
          unknown: byStep,
        }),
      }),
    ),
  ),
  scale: v.optional(nullable(scale), null),
  locks: v.array(lock),
  workerCreators: v.array(v.object({ stack: v.array(text), count: num })),
  timelines: v.array(v.object({ id: text, title: text, unit: text, points: series })),
  stacks: v.array(
    v.object({
      name: text,
      file: text,
      pid: num,
      tid: num,
      group: text,
    }),
  ),
  /** Flamegraphs of the HTML view: CPU by thread group, waits for locks, calls that block, stalls of main threads, and where threads are made. */
  flames: v.array(
    v.object({
      name: text,
      kind: v.optional(v.picklist(['cpu', 'lock-wait', 'off-cpu', 'stall', 'creation']), 'cpu'),
      unit: text,
      frames: v.array(text),
      root: packedTree,
      /** `[step, [node, own weight, node, own weight …]]`; nodes count from 0 as they stand in the tree, parents first. */
      steps: v.optional(v.array(v.tuple([num, v.array(num)]))),
    }),
  ),
})

export type Report = v.InferOutput<typeof reportSchema>
export type ReportResult = Report['results'][number]
export type ReportFinding = ReportResult['findings'][number]
