import type { Bytes } from '../../units.ts'

/** Reads code or data of the process; null where it cannot be read. */
export type ReadMemory = (address: number, size: Bytes) => Buffer | null

/** A call that ends where a return address points. */
export interface CallSite {
  /** What it calls, where the instruction says so; null for a call through a register or a table. */
  target: number | null
}

const LONGEST_CALL: Bytes = 8
const STUB_BYTES: Bytes = 16

/**
 * The call instruction just before `address`; null when there is none, so that no call can return to it. Decodes x86-64 (Intel's
 * manual, CALL: E8 rel32, FF /2) and arm64 (BL, BLR).
 */
export function callBefore(address: number, read: ReadMemory, arch: string = process.arch): CallSite | null {
  const code = read(address - LONGEST_CALL, LONGEST_CALL)
  if (!code || code.length < LONGEST_CALL) return null
  return arch === 'arm64' ? armCall(address, code) : intelCall(address, code, read)
}

function intelCall(next: number, code: Buffer, read: ReadMemory): CallSite | null {
  if (code[3] === 0xe8) return { target: throughStub(next + code.readInt32LE(4), read) }
  // `call *slot(%rip)`: code that was compiled to bind its libraries at once.
  if (code[2] === 0xff && code[3] === 0x15) return { target: pointerAt(next + code.readInt32LE(4), read) }
  // Other lengths by their addressing mode: register or [register], with 8 or 32 bits of displacement.
  return [2, 3, 4, 6, 7].some((length) => isIndirectCall(code.subarray(LONGEST_CALL - length), length))
    ? { target: null }
    : null
}

function isIndirectCall(code: Buffer, length: Bytes): boolean {
  const prefix = ((code[0] ?? 0) & 0xf0) === 0x40 ? 1 : 0
  const [opcode = 0, modrm = 0] = code.subarray(prefix)
  if (opcode !== 0xff || ((modrm >> 3) & 7) !== 2) return false
  const mode = modrm >> 6
  const sib = mode !== 3 && (modrm & 7) === 4 ? 1 : 0
  const displacement = mode === 1 ? 1 : mode === 2 ? 4 : mode === 0 && (modrm & 7) === 5 ? 4 : 0
  return prefix + 2 + sib + displacement === length
}

/** Calls of other libraries go through a stub, `[endbr64] [bnd] jmp *slot(%rip)`: follows it to the function itself. */
export function throughStub(target: number, read: ReadMemory): number {
  const code = read(target, STUB_BYTES)
  if (!code || code.length < STUB_BYTES) return target
  let at = code.readUInt32BE(0) === 0xf30f1efa ? 4 : 0
  if (code[at] === 0xf2) at++
  if (code[at] !== 0xff || code[at + 1] !== 0x25) return target
  return pointerAt(target + at + 6 + code.readInt32LE(at + 2), read) ?? target
}

function pointerAt(slot: number, read: ReadMemory): number | null {
  const bytes = read(slot, 8)
  return bytes && bytes.length === 8 ? Number(bytes.readBigUInt64LE()) : null
}

function armCall(next: number, code: Buffer): CallSite | null {
  const instruction = code.readUInt32LE(4)
  if ((instruction & 0xfc000000) >>> 0 === 0x94000000) return { target: next - 4 + ((instruction << 6) >> 4) }
  return (instruction & 0xfffffc1f) >>> 0 === 0xd63f0000 ? { target: null } : null
}
