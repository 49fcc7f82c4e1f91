import type { Cursor } from './cursor.ts'
import type { Field, Type } from './metadata.ts'

/** A value of an event or a pool; a pooled one is its key there. */
export type Value = number | string | null | readonly Value[] | { readonly [field: string]: Value }

const DEEPEST = 16

/** Reads values by the types of their chunk. */
export class Values {
  readonly #types: ReadonlyMap<number, Type>

  constructor(types: ReadonlyMap<number, Type>) {
    this.#types = types
  }

  /** @throws RangeError where the chunk says something impossible. */
  read(cursor: Cursor, id: number, depth = 0): Value {
    const type = this.#types.get(id)
    if (!type || depth > DEEPEST) throw new RangeError(`no type ${id}`)
    switch (type.name) {
      case 'boolean':
      case 'byte':
        return cursor.byte()
      case 'char':
      case 'short':
      case 'long':
        return cursor.number()
      case 'int':
        // A negative one has its 32 bits alone.
        return cursor.number() | 0
      case 'float':
        return cursor.float()
      case 'double':
        return cursor.double()
      case 'java.lang.String':
        return cursor.text()
      default:
        return this.fields(cursor, type, depth)
    }
  }

  fields(cursor: Cursor, { fields }: Type, depth = 0): { [field: string]: Value } {
    const values: { [field: string]: Value } = {}
    for (const field of fields) values[field.name] = this.#field(cursor, field, depth)
    return values
  }

  #field(cursor: Cursor, { type, pooled, array }: Field, depth: number): Value {
    const one = () => (pooled ? cursor.number() : this.read(cursor, type, depth + 1))
    return array ? Array.from({ length: cursor.count() }, one) : one()
  }
}
