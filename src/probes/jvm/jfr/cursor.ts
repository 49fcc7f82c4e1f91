/** Reads the primitive values of a JFR chunk, in their compressed form. Past the end it throws RangeError. */
export class Cursor {
  readonly #data: Buffer
  at: number

  constructor(data: Buffer, at: number) {
    this.#data = data
    this.at = at
  }

  get left(): number {
    return this.#data.length - this.at
  }

  byte(): number {
    return this.#data.readUInt8(this.at++)
  }

  /** Little end first, seven bits a byte, the ninth whole (LEB128 of JFR). Past 2^53 it is rounded, as ticks may be. */
  number(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 0x80
    }
    const top = this.byte()
    // A negative one: its complement is small, and exact.
    if (top >= 0x80) return -1 - this.#complement(this.at - 9)
    return value + top * factor
  }

  float(): number {
    return this.#data.readFloatBE(this.#skip(4))
  }

  double(): number {
    return this.#data.readDoubleBE(this.#skip(8))
  }

  /** A number of elements, each of which takes a byte at least. */
  count(): number {
    const count = this.number()
    if (count < 0 || count > this.left) throw new RangeError(`${count} elements in ${this.left} bytes`)
    return count
  }

  /** Text, the key of one in the pool of strings, or null. */
  text(): string | number | null {
    const encoding = this.byte()
    if (encoding === 0) return null
    if (encoding === 1) return ''
    if (encoding === 2) return this.number()
    const length = this.count()
    if (encoding === 4) return String.fromCharCode(...Array.from({ length }, () => this.number()))
    const from = this.#skip(length)
    if (this.at > this.#data.length) throw new RangeError('text past the end')
    return this.#data.toString(encoding === 5 ? 'latin1' : 'utf8', from, this.at)
  }

  #complement(from: number): number {
    let value = 0
    for (let i = 7; i >= 0; i--) value = value * 0x80 + (~this.#data.readUInt8(from + i) & 0x7f)
    return value + (~this.#data.readUInt8(from + 8) & 0xff) * 2 ** 56
  }

  #skip(bytes: number): number {
    this.at += bytes
    return this.at - bytes
  }
}
