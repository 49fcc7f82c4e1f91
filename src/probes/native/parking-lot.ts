import type { Bytes } from '../../units.ts'
import type { ProcessMemory } from './process-memory.ts'

/** Where the key was seen to be, from the word that a thread parks on; other builds lay the structure out otherwise. */
const USUAL: Bytes = -32
const AROUND: Bytes = 64
/** Bits of a mutex' byte: locked, and threads are parked (parking_lot's raw_mutex.rs). */
const LOCKED_AND_PARKED = 3

/**
 * The mutex that a thread of parking_lot waits for; 0 where it cannot be told. The thread waits on a word of its own; beside it lies the
 * address of the mutex, which is the only one there of a byte that says what a mutex with waiters says.
 */
export function parkingLotMutex(word: number, memory: ProcessMemory): number {
  const around = Buffer.alloc(AROUND * 2)
  const from = word - AROUND
  if (memory.read(from, around) < around.length) return 0
  const isMutex = (address: number) => {
    const byte = Buffer.alloc(1)
    return address > 4096 && memory.read(address, byte) === 1 && byte[0] === LOCKED_AND_PARKED
  }
  const pointers = Array.from({ length: around.length / 8 }, (_, i) => Number(around.readBigUInt64LE(i * 8)))
  const usual = pointers[(AROUND + USUAL) / 8] ?? 0
  if (isMutex(usual)) return usual
  const candidates = new Set(pointers.filter((pointer) => pointer < 2 ** 47 && isMutex(pointer)))
  return candidates.size === 1 ? ([...candidates][0] ?? 0) : 0
}
