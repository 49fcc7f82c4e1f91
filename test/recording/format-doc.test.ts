import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { headerSchema, LIMITS, recordSchemas, VERSION } from '../../src/recording/schema.ts'
import type { RecordKind } from '../../src/recording/schema.ts'

const doc = readFileSync(new URL('../../docs/recording-format.md', import.meta.url), 'utf8')

/** The row of the table that begins with the kind's name. */
function rowOf(kind: string): string {
  return doc.split('\n').find((line) => line.startsWith(`| \`${kind}\` |`)) ?? ''
}

test.each(Object.keys(recordSchemas) as RecordKind[])('the kind %s has its row, with each of its fields', (kind) => {
  const fields = Object.keys(recordSchemas[kind].entries).filter((field) => field !== 'k' && field !== 't')
  const undocumented = fields.filter(
    (field) => !rowOf(kind).includes(`\`${field}`) && !(field === 'pid' || field === 'tid'),
  )
  expect(rowOf(kind)).not.toBe('')
  expect(undocumented).toEqual([])
})

test('no row is about a kind that is gone', () => {
  const rows = [...doc.matchAll(/^\| `([a-z-]+)` \| [^|]* \| (?:event|delta|cumulative|series|once) \|/gm)].map(
    (row) => row[1],
  )
  expect(new Set(rows)).toEqual(new Set(Object.keys(recordSchemas)))
  expect(rows).toHaveLength(Object.keys(recordSchemas).length)
})

test('the header with each of its fields, the version and the limits', () => {
  const fields = ['target', 'host', 'options'] as const
  const names = [
    ...Object.keys(headerSchema.entries),
    ...fields.flatMap((field) => Object.keys(headerSchema.entries[field].entries)),
  ]
  expect(names.filter((name) => !doc.includes(`\`${name}\``))).toEqual([])
  expect(doc).toContain(`version ${VERSION}`)
  for (const limit of [LIMITS.text, LIMITS.frames, LIMITS.list, LIMITS.profile]) {
    expect(doc).toContain(limit.toLocaleString('en-US'))
  }
})
