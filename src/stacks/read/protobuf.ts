import { ProfileError } from './read-profile.ts'

/** A field of a message: a number, or the bytes of a text, a message or packed numbers. */
export interface Field {
  id: number
  value: number
  bytes: Uint8Array | null
}

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** The fields of a message, in order. Throws ProfileError where it is none. https://protobuf.dev/programming-guides/encoding/ */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  const at = { offset: 0 }
  while (at.offset < message.length) {
    const key = varint(message, at)
    const [id, type] = [Math.floor(key / 8), key % 8]
    if (id === 0) throw new ProfileError(`it is no protobuf: a field 0 at byte ${at.offset}`)
    if (type === VARINT) yield { id, value: varint(message, at), bytes: null }
    else if (type === BYTES) yield { id, value: 0, bytes: take(message, at, varint(message, at)) }
    else if (type === FIXED64) take(message, at, 8)
    else if (type === FIXED32) take(message, at, 4)
    else throw new ProfileError(`it is no protobuf: a field of type ${type} at byte ${at.offset}`)
  }
}

/** The numbers of a repeated field, packed or not. */
export function* numbersOf({ value, bytes }: Field): Generator<number> {
  if (bytes === null) yield value
  else for (const at = { offset: 0 }; at.offset < bytes.length;) yield varint(bytes, at)
}

/** Beyond 2^53 as near as it gets, 2^63 and over as int64's negative numbers. */
function varint(from: Uint8Array, at: { offset: number }): number {
  let value = 0
  for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
    const byte = from[at.offset++]
    if (byte === undefined) break
    value += (byte & 127) * scale
    if (byte < 128) return value >= 2 ** 63 ? value - 2 ** 64 : value
  }
  throw new ProfileError('it ends within a number, or is no protobuf')
}

function take(from: Uint8Array, at: { offset: number }, length: number): Uint8Array {
  const end = at.offset + length
  if (!(length >= 0 && end <= from.length)) throw new ProfileError('it is cut off, or no protobuf')
  const taken = from.subarray(at.offset, end)
  at.offset = end
  return taken
}
