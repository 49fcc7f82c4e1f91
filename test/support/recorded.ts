import { indexRecords } from '../../src/analysis/index-records.ts'
import type { RecordedData, Source } from '../../src/analysis/index-records.ts'
import type { AnyRecord, Header } from '../../src/recording/schema.ts'

const header: Header = {
  format: 'holdup-recording',
  version: 2,
  holdup: '0.0.0',
  startedAt: 1_700_000_000_000,
  monotonicMs: 1000,
  target: { pid: 10, command: 'node server.js', attached: false },
  host: { cores: 2, platform: 'linux', arch: 'x64', kernel: '6', memoryBytes: 8e9, cgroupCpuLimit: null, tickMs: 10 },
  options: { warmupMs: 0, cpuProfileMs: 5 },
  probes: [],
}

/** A recording of Node process 10 (main thread 10, workers from 11) with the given records and interned text. */
export function recorded(
  records: readonly AnyRecord[],
  { strings = [], stacks = [], warmupMs = 0 }: { strings?: string[]; stacks?: number[][]; warmupMs?: number } = {},
): RecordedData {
  const workers = [1, 2, 3].map((id): AnyRecord => ({
    k: 'node',
    t: 0,
    pid: 10,
    tid: 10 + id,
    version: 'v20.0.0',
    threadId: id,
  }))
  const main: AnyRecord = { k: 'node', t: 0, pid: 10, tid: 10, version: 'v20.0.0', threadId: 0 }
  return {
    header: { ...header, options: { ...header.options, warmupMs } },
    records: [main, ...workers, ...records],
    strings,
    stacks,
    problems: { cutOff: null },
  }
}

/** The same, indexed for a window of 0 to 10 s. */
export function sourceOf(
  records: readonly AnyRecord[],
  interned?: { strings?: string[]; stacks?: number[][] },
): Source {
  return indexRecords(recorded(records, interned), [0, 10_000])
}
