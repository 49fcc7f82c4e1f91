import { Cursor } from './cursor.ts'

/** A field of a type: its value stands there, or the key of it in the pool of its type. */
export interface Field {
  name: string
  type: number
  pooled: boolean
  array: boolean
}

export interface Type {
  id: number
  name: string
  fields: readonly Field[]
}

interface Element {
  name: string
  attributes: ReadonlyMap<string, string>
  children: readonly Element[]
}

/** Types nest in each other a few levels deep. */
const DEEPEST = 16

/** The types of a chunk, by their ids, from its metadata event. */
export function readTypes(data: Buffer, offset: number): Map<number, Type> {
  const cursor = new Cursor(data, offset)
  // Size, type, start, duration and id of the event.
  for (let i = 0; i < 5; i++) cursor.number()
  const strings = Array.from({ length: cursor.count() }, () => String(cursor.text() ?? ''))
  const types = new Map<number, Type>()
  const visit = (element: Element) => {
    if (element.name === 'class') {
      const type = typeOf(element)
      types.set(type.id, type)
    } else element.children.forEach(visit)
  }
  visit(readElement(cursor, strings, 0))
  return types
}

function readElement(cursor: Cursor, strings: readonly string[], depth: number): Element {
  if (depth > DEEPEST) throw new RangeError('metadata nested too deeply')
  const string = () => strings[cursor.number()] ?? ''
  const name = string()
  const attributes = new Map<string, string>()
  for (let left = cursor.count(); left > 0; left--) attributes.set(string(), string())
  const children = Array.from({ length: cursor.count() }, () => readElement(cursor, strings, depth + 1))
  return { name, attributes, children }
}

function typeOf({ attributes, children }: Element): Type {
  const fields = children.filter(({ name }) => name === 'field')
  return {
    id: Number(attributes.get('id')),
    name: attributes.get('name') ?? '',
    fields: fields.map(({ attributes: of }) => ({
      name: of.get('name') ?? '',
      type: Number(of.get('class')),
      pooled: of.get('constantPool') === 'true',
      array: of.get('dimension') === '1',
    })),
  }
}
