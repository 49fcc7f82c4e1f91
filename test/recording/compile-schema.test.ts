import * as v from 'valibot'
import { expect, test } from 'vitest'
import { compileSchema, INVALID } from '../../src/recording/compile-schema.ts'
import { recordSchemas } from '../../src/recording/schema.ts'
import type { RecordKind } from '../../src/recording/schema.ts'
import { generateRecord, randomFrom } from './generate.ts'

const WRONG = [null, true, -1, 1.5, 'text', 'x'.repeat(5000), [], [[]], [[1]], {}, 1e300, [['a', 1]], { k: 1 }]

/** The record with one of its parts, at any depth, replaced or removed. */
function damage(value: unknown, random: () => number): unknown {
  if (random() < 0.25 || typeof value !== 'object' || value === null) return WRONG[Math.floor(random() * WRONG.length)]
  const copy = structuredClone(value) as Record<string, unknown>
  const keys = Object.keys(copy)
  const key = keys[Math.floor(random() * keys.length)]
  if (key === undefined) return copy
  if (!Array.isArray(copy) && random() < 0.2) delete copy[key]
  else copy[key] = damage(copy[key], random)
  return copy
}

test.each(Object.keys(recordSchemas) as RecordKind[])(
  '%s: says of right and wrong records what valibot says',
  (kind) => {
    const schema = recordSchemas[kind]
    const check = compileSchema(schema)
    const random = randomFrom(kind.length)
    for (let round = 0; round < 300; round++) {
      const record = JSON.parse(JSON.stringify(generateRecord(kind, round, random))) as unknown
      for (const value of [record, damage(record, random), damage(damage(record, random), random)]) {
        const expected = v.safeParse(schema, value)
        const checked = check(structuredClone(value))
        expect(checked).toEqual(expected.success ? expected.output : INVALID)
      }
    }
  },
)

test('what it does not know is left to valibot', () => {
  const check = compileSchema(v.object({ a: v.pipe(v.string(), v.email()), b: v.union([v.string(), v.number()]) }))
  expect(check({ a: 'a@b.example', b: 1 })).toEqual({ a: 'a@b.example', b: 1 })
  expect(check({ a: 'none', b: 1 })).toBe(INVALID)
  expect(check({ a: 'a@b.example', b: null })).toBe(INVALID)
})
