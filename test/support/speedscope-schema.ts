/**
 * What of https://www.speedscope.app/file-format-schema.json concerns sampled profiles, stricter where that leaves fields
 * open: nothing else may be in a file of ours.
 */
export const speedscopeSchema = {
  type: 'object',
  required: ['$schema', 'profiles', 'shared'],
  additionalProperties: false,
  properties: {
    $schema: { const: 'https://www.speedscope.app/file-format-schema.json' },
    exporter: { type: 'string' },
    name: { type: 'string' },
    activeProfileIndex: { type: 'number' },
    profiles: { type: 'array', items: { $ref: '#/definitions/sampled' } },
    shared: {
      type: 'object',
      required: ['frames'],
      additionalProperties: false,
      properties: { frames: { type: 'array', items: { $ref: '#/definitions/frame' } } },
    },
  },
  definitions: {
    frame: {
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: {
        name: { type: 'string' },
        file: { type: 'string' },
        line: { type: 'number' },
        col: { type: 'number' },
      },
    },
    sampled: {
      type: 'object',
      required: ['type', 'name', 'unit', 'startValue', 'endValue', 'samples', 'weights'],
      additionalProperties: false,
      properties: {
        type: { const: 'sampled' },
        name: { type: 'string' },
        unit: { enum: ['bytes', 'microseconds', 'milliseconds', 'nanoseconds', 'none', 'seconds'] },
        startValue: { type: 'number' },
        endValue: { type: 'number' },
        samples: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
        weights: { type: 'array', items: { type: 'number' } },
      },
    },
  },
} as const

/** A file that is valid by it. */
export interface SpeedscopeFile {
  name: string
  exporter: string
  profiles: {
    type: string
    name: string
    unit: string
    startValue: number
    endValue: number
    samples: number[][]
    weights: number[]
  }[]
  shared: { frames: { name: string; file?: string; line?: number; col?: number }[] }
}
