import type { Bytes, Milliseconds, Ratio } from '../units.ts'

/** One look at a process, as clinic doctor takes them; `timestamp` in Unix milliseconds. */
export interface ProcessStat {
  timestamp: Milliseconds
  /** By how much a timer of the event loop was late. */
  delay: Milliseconds
  /** In cores. */
  cpu: number
  rss: Bytes
  heapTotal: Bytes
  heapUsed: Bytes
  external: Bytes
  handles: number
  /** Null where it was not measured. */
  loopUtilization: Ratio | null
}

const DOUBLE = 1
const VARINT = 0
const BYTES = 2

/**
 * A message of clinic doctor's `processstat` file, its length before it. The format:
 * https://github.com/clinicjs/node-clinic-doctor/blob/main/format/process-stat.proto
 */
export function encodeProcessStat(stat: ProcessStat): Buffer {
  const memory = [stat.rss, stat.heapTotal, stat.heapUsed, stat.external].map((bytes, i) => double(i + 1, bytes))
  const message = Buffer.concat([
    double(1, stat.timestamp),
    double(2, stat.delay),
    double(3, stat.cpu),
    Buffer.from([(4 << 3) | BYTES, memory.reduce((sum, { length }) => sum + length, 0)]),
    ...memory,
    int(5, stat.handles),
    ...(stat.loopUtilization === null ? [] : [int(6, Math.round(stat.loopUtilization * 100))]),
  ])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9)
  bytes[0] = (field << 3) | DOUBLE
  bytes.writeDoubleLE(value, 1)
  return bytes
}

function int(field: number, value: number): Buffer {
  const bytes = [(field << 3) | VARINT]
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}
