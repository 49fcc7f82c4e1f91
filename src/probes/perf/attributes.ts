import type { Milliseconds } from '../../units.ts'

const NS_PER_MS = 1e6

/** Of `struct perf_event_attr` (perf_event_open(2)) what tells how to read its samples. */
export interface Attributes {
  /** CPU time from one sample of a thread to its next. */
  periodMs: Milliseconds
  /** PERF_SAMPLE_… bits. */
  sampleType: number
  /** Bits of the registers that come with a sample, by the kernel's own numbers for this architecture. */
  registers: bigint
}

/** `body` begins with the struct. */
export function parseAttributes(body: Buffer): Attributes {
  return {
    periodMs: Number(body.readBigUInt64LE(16)) / NS_PER_MS,
    sampleType: Number(body.readBigUInt64LE(24)),
    registers: body.readBigUInt64LE(80),
  }
}
