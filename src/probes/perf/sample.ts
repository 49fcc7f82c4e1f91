import type { Milliseconds } from '../../units.ts'
import type { PerfRecord } from './stream.ts'

/** PERF_SAMPLE_… of perf_event_open(2), in the order in which their fields come; the others that can be there are eight bytes each. */
const [IP, TID, TIME, ADDR, READ, CALLCHAIN, ID, CPU, PERIOD] = [1, 2, 4, 8, 16, 32, 64, 128, 256]
const [STREAM_ID, RAW, BRANCHES, REGISTERS, STACK, IDENTIFIER] = [512, 1024, 2048, 4096, 8192, 65_536]
const UNREAD = READ | RAW | BRANCHES
const KERNEL_MODE = 1
const MODE = 7
const ABI_64 = 2
const NS_PER_MS = 1e6
/** The instruction pointer's number among the registers (asm/perf_regs.h). */
const PC: Readonly<Record<string, number>> = { x64: 8, arm64: 32 }

/** Where a thread was when it had used up another period of CPU. */
export interface Sample {
  pid: number
  tid: number
  /** CLOCK_MONOTONIC. */
  monotonicMs: Milliseconds
  /** It was in a system call or an interrupt; `pc` is where it left its own code. */
  inKernel: boolean
  /** 0 where the kernel gives none, as of a kernel thread. */
  pc: number
  /** What lay on top of its stack; empty where it was not to be had. */
  stack: Buffer
}

/** Reads a record of type 9; null where it is not as asked for. Its stack is good until the next record. */
export function parseSample({ body, misc, attributes }: PerfRecord): Sample | null {
  if (!attributes) return null
  const { sampleType, registers } = attributes
  const has = (bit: number) => (sampleType & bit) !== 0
  if (!has(IP) || !has(TID) || !has(TIME) || has(UNREAD)) return null
  let at = has(IDENTIFIER) ? 8 : 0
  const ip = Number(body.readBigUInt64LE(at))
  const pid = body.readInt32LE(at + 8)
  const tid = body.readInt32LE(at + 12)
  const monotonicMs = Number(body.readBigUInt64LE(at + 16)) / NS_PER_MS
  at += 24
  for (const bit of [ADDR, ID, STREAM_ID, CPU, PERIOD]) if (has(bit)) at += 8
  if (has(CALLCHAIN)) at += 8 + 8 * Number(body.readBigUInt64LE(at))
  const inKernel = (misc & MODE) === KERNEL_MODE
  const sample = { pid, tid, monotonicMs, inKernel, pc: inKernel ? 0 : ip, stack: body.subarray(0, 0) }
  if (!has(REGISTERS)) return sample
  const abi = Number(body.readBigUInt64LE(at))
  at += 8
  if (abi === 0) return sample
  const pc = PC[process.arch]
  if (pc !== undefined) sample.pc = Number(body.readBigUInt64LE(at + 8 * bitsBelow(registers, pc)))
  at += 8 * bitsBelow(registers, 64)
  // Frames of 32-bit code are none of eight bytes.
  if (!has(STACK) || abi !== ABI_64) return sample
  const size = Number(body.readBigUInt64LE(at))
  if (size === 0) return sample
  // How much of it was there stands behind it.
  const filled = Number(body.readBigUInt64LE(at + 8 + size))
  return { ...sample, stack: body.subarray(at + 8, at + 8 + Math.min(filled, size)) }
}

function bitsBelow(mask: bigint, number: number): number {
  let count = 0
  for (let rest = BigInt.asUintN(number, mask); rest > 0n; rest &= rest - 1n) count++
  return count
}
