/** Tells code that waits for another thread on CPU from code that works, by its instructions (x86-64). */
import type { Bytes } from '../units.ts'

/** A loop that only waits is no longer. */
const LONGEST: Bytes = 64
/** Around an address, what has to be looked at. */
export const AROUND: Bytes = 2 * LONGEST
const PAUSE = [0xf3, 0x90] as const
const LOCK = 0xf0

/**
 * Whether the instruction at `at` lies in a loop of at most 64 bytes that holds PAUSE, takes a word by CMPXCHG, or sets one by XCHG and
 * tests what it was: that is how spinlocks wait (Intel 64 and IA-32 Architectures Optimization Reference Manual, section on spin-wait loops). A loop is a jump back
 * over `at`.
 */
export function isSpinLoop(code: Buffer, at: number): boolean {
  for (let jump = Math.max(0, at - LONGEST); jump < Math.min(code.length - 1, at + LONGEST); jump++) {
    const back = jumpBack(code, jump)
    if (!back || back.to > at || back.end <= at || back.to < 0 || back.end - back.to > LONGEST) continue
    if (waits(code.subarray(back.to, back.end))) return true
  }
  return false
}

/** The jump that begins there, if it goes back. */
function jumpBack(code: Buffer, at: number): { to: number; end: number } | null {
  const [first = 0, second = 0] = [code[at], code[at + 1]]
  // Jcc rel8 and JMP rel8, LOOPcc; Jcc rel32 and JMP rel32.
  const isShort = (first >= 0x70 && first <= 0x7f) || first === 0xeb || (first >= 0xe0 && first <= 0xe2)
  if (isShort) return towards(at + 2, code.readInt8(at + 1))
  const opcodeBytes = first === 0x0f && second >= 0x80 && second <= 0x8f ? 2 : first === 0xe9 ? 1 : 0
  const end = at + opcodeBytes + 4
  return opcodeBytes === 0 || end > code.length ? null : towards(end, code.readInt32LE(at + opcodeBytes))
}

function towards(end: number, distance: number): { to: number; end: number } | null {
  return distance < 0 ? { to: end + distance, end } : null
}

function waits(loop: Buffer): boolean {
  for (let i = 0; i + 1 < loop.length; i++) {
    const [first = 0, second = 0] = [loop[i], loop[i + 1]]
    if (first === PAUSE[0] && second === PAUSE[1]) return true
    // With a prefix for 64 bits or a high register between.
    if (first === LOCK && isCompareExchange(second === 0x0f ? loop.subarray(i + 1) : loop.subarray(i + 2))) return true
    if ((first === 0x86 || first === 0x87) && isTestAndSet(loop.subarray(i))) return true
  }
  return false
}

function isCompareExchange(code: Buffer): boolean {
  return code[0] === 0x0f && (code[1] === 0xb0 || code[1] === 0xb1)
}

/** XCHG with memory, followed by a TEST of the register that got the old value: the two bytes of XCHG alone may be part of anything. */
function isTestAndSet(code: Buffer): boolean {
  const modrm = code[1] ?? 0
  const [mode, register, base] = [modrm >> 6, (modrm >> 3) & 7, modrm & 7]
  if (mode === 3) return false
  const displacement = mode === 1 ? 1 : mode === 2 || base === 5 ? 4 : 0
  const next = code.subarray(2 + (base === 4 ? 1 : 0) + displacement)
  const test = ((next[0] ?? 0) & 0xf0) === 0x40 ? next.subarray(1) : next
  const itself = 0xc0 | (register << 3) | register
  const isOfItself = (test[0] === 0x84 || test[0] === 0x85) && test[1] === itself
  // Compilers that keep a bool in one bit: TEST al, 1, or another register's.
  const isOfOneBit =
    (test[0] === 0xa8 && test[1] === 1 && register === 0) ||
    (test[0] === 0xf6 && test[1] === (0xc0 | register) && test[2] === 1)
  return isOfItself || isOfOneBit
}
