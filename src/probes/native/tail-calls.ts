import type { FunctionInMemory } from '../../symbols/function-in-memory.ts'
import type { Bytes } from '../../units.ts'
import { type ReadMemory, throughStub } from './call-site.ts'

/** A function that ends in a jump to another is short, or its jumps are not worth looking for. */
const CODE_AT_MOST: Bytes = 2048
const JUMP: Bytes = 5

/**
 * Addresses outside a function that it jumps to (x86-64, JMP rel32 and Jcc rel32): a function that was left by such a tail call is not
 * on the stack, though its caller's call names it. Bytes that only look like a jump do no harm: hardly one of them leads to the
 * very start of a function that is on the stack.
 */
export function tailCalls({ start, end }: FunctionInMemory, read: ReadMemory): number[] {
  const code = process.arch === 'x64' ? read(start, Math.min(end - start, CODE_AT_MOST)) : null
  if (!code) return []
  // Following a stub reads again, into the same bytes.
  const copy = Buffer.from(code)
  const targets = new Set<number>()
  for (let at = 0; at + JUMP <= copy.length; at++) {
    const conditional = copy[at] === 0x0f && ((copy[at + 1] ?? 0) & 0xf0) === 0x80
    if (copy[at] !== 0xe9 && !conditional) continue
    const operand = at + (conditional ? 2 : 1)
    if (operand + 4 > copy.length) break
    const target = start + operand + 4 + copy.readInt32LE(operand)
    if (target < start || target >= end) targets.add(throughStub(target, read))
  }
  return [...targets]
}
