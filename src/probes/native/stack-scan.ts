import type { ProcessSymbols } from '../../symbols/process-symbols.ts'
import type { Bytes } from '../../units.ts'
import { type CallSite, callBefore } from './call-site.ts'
import type { ProcessMemory } from './process-memory.ts'
import { tailCalls } from './tail-calls.ts'

/** Of stack that is looked at: the locking function and its callers are near its top. */
const STACK_BYTES: Bytes = 1024
const FRAMES_AT_MOST = 32
/** The same where the thread's first functions are wanted. */
const WHOLE_BYTES: Bytes = 16_384
const WHOLE_FRAMES = 96
const TAIL_CALLS_AT_MOST = 2
const KNOWN_AT_MOST = 65_536

/** What is known of an address that was seen on a stack. */
interface Return {
  call: CallSite
  /** Start of the function that it lies in; null without a symbol. */
  start: number | null
}

/**
 * Stacks of blocked threads from outside, by no more than the right to read their memory: a blocked thread's stack does not move.
 * Words on it that point just after a call are taken for return addresses; one whose call goes elsewhere than to a function
 * that is already in the stack is left from a call that has returned, and what it called with it. An approximation: it can hold
 * a stale frame where calls go through pointers, and rather leaves one out than guesses.
 */
export class StackScan {
  readonly #memory: ProcessMemory
  readonly #symbols: ProcessSymbols
  readonly #stack = Buffer.alloc(WHOLE_BYTES)
  readonly #code = Buffer.alloc(2048)
  readonly #known = new Map<number, Return | null>()
  readonly #tails = new Map<number, readonly number[]>()

  constructor(memory: ProcessMemory, symbols: ProcessSymbols) {
    this.#memory = memory
    this.#symbols = symbols
  }

  /**
   * Code addresses, leaf first: `pc`, then the call that each frame is in (its return address less one). `whole`: down to where the
   * thread began, as far as that goes, which costs ten times as much.
   */
  scan(sp: number, pc: number, whole = false): number[] {
    const bytes = this.#memory.read(sp, whole ? this.#stack : this.#stack.subarray(0, STACK_BYTES))
    return this.scanCopy(this.#stack.subarray(0, bytes), pc, whole ? WHOLE_FRAMES : FRAMES_AT_MOST)
  }

  /** The same of a stack that was copied from the stack pointer on: also that of a thread that runs. */
  scanCopy(stack: Buffer, pc: number, most = FRAMES_AT_MOST): number[] {
    const starts = [this.#symbols.functionAt(pc)?.start ?? null]
    const addresses = [pc]
    for (let at = 0; at + 8 <= stack.length && addresses.length < most; at += 8) {
      const word = stack.readUInt32LE(at) + stack.readUInt32LE(at + 4) * 2 ** 32
      const found = this.#returnAt(word)
      if (!found) continue
      const { target } = found.call
      if (target !== null) {
        const callee = this.#calleeIn(starts, target)
        if (callee >= 0) starts.length = addresses.length = callee + 1
        // The innermost function may have no symbol to tell that it is the one called.
        else if (!(starts.length === 1 && starts[0] === null)) continue
      }
      starts.push(found.start)
      addresses.push(word - 1)
    }
    return addresses
  }

  /** Which function of the stack a call leads to, itself or by tail calls on the way; -1 when to none. */
  #calleeIn(starts: readonly (number | null)[], target: number, depth = TAIL_CALLS_AT_MOST): number {
    const callee = starts.lastIndexOf(target)
    if (callee >= 0 || depth === 0) return callee
    return Math.max(-1, ...this.#tailCalls(target).map((jump) => this.#calleeIn(starts, jump, depth - 1)))
  }

  #tailCalls(target: number): readonly number[] {
    const known = this.#tails.get(target)
    if (known) return known
    if (this.#tails.size >= KNOWN_AT_MOST) this.#tails.clear()
    const jumper = this.#symbols.functionAt(target)
    const jumps = jumper?.start === target ? tailCalls(jumper, (address, size) => this.#read(address, size)) : []
    // Most jump nowhere: only those into functions are kept.
    const found = jumps.filter((jump) => this.#symbols.functionAt(jump)?.start === jump)
    this.#tails.set(target, found)
    return found
  }

  #returnAt(word: number): Return | null {
    const known = this.#known.get(word)
    if (known !== undefined) return known
    if (!this.#symbols.isCode(word)) return null
    if (this.#known.size >= KNOWN_AT_MOST) this.#known.clear()
    const call = callBefore(word, (address, size) => this.#read(address, size))
    const found = call && { call, start: this.#symbols.functionAt(word - 1)?.start ?? null }
    this.#known.set(word, found)
    return found
  }

  /** The bytes are good until the next call. */
  #read(address: number, size: Bytes): Buffer | null {
    const buffer = this.#code.subarray(0, size)
    const n = this.#memory.read(address, buffer)
    return n > 0 ? buffer.subarray(0, n) : null
  }
}
