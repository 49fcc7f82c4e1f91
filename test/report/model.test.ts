import { Ajv } from 'ajv'
import { parse } from 'valibot'
import { expect, test } from 'vitest'
import { reportJsonSchema } from '../../scripts/bundle.mjs'
import { reportSchema } from '../../src/report/model.ts'
import { asyncDesign, mutexPool, threadPerQuery, unjudgeable } from '../support/article-reports.ts'

const validate = new Ajv({ strict: false, allErrors: true }).compile(reportJsonSchema(reportSchema))

test.each(Object.entries({ mutexPool, threadPerQuery, asyncDesign, unjudgeable }))(
  '%s is a report by the model and by the published schema',
  (_, report) => {
    expect(parse(reportSchema, report)).toEqual(report)
    validate(report)
    expect(validate.errors ?? []).toEqual([])
  },
)

test('the published schema refuses what is none', () => {
  expect(validate({ ...asyncDesign, schema: 'holdup-report/0' })).toBe(false)
  expect(
    validate({
      ...asyncDesign,
      flames: [{ name: 'x', unit: 'ms', frames: [], root: [0, 0, 0, [['deep', 0, 0, []]]] }],
    }),
  ).toBe(false)
})
