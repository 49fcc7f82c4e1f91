import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import type { ThreadProfile } from '../../src/stacks/group-trees.ts'
import { speedscopeFile } from '../../src/stacks/speedscope.ts'
import { drawThread } from '../support/profile.ts'
import { speedscopeSchema } from '../support/speedscope-schema.ts'
import type { SpeedscopeFile } from '../support/speedscope-schema.ts'

const validate = new Ajv({ strict: false }).compile(speedscopeSchema)

function write(threads: ThreadProfile[], idle = false): SpeedscopeFile {
  const options = { name: 'node server.js', exporter: 'holdup@0.0.0', idle }
  const file: unknown = JSON.parse([...speedscopeFile(threads, options)].join(''))
  expect(validate(file), JSON.stringify(validate.errors)).toBe(true)
  return file as SpeedscopeFile
}

/** `outer > inner weight` of each sample. */
function drawn(file: SpeedscopeFile, profile = 0): string[] {
  const { samples = [], weights = [] } = file.profiles[profile] ?? {}
  expect(weights).toHaveLength(samples.length)
  return samples.map((stack, i) => `${stack.map((frame) => file.shared.frames[frame]?.name).join(' > ')} ${weights[i]}`)
}

describe('a speedscope file', () => {
  it('has a profile each thread, samples in time order, and says what it is', () => {
    const file = write([
      drawThread('main', 'main > search 5000\nmain > render 2000\nmain > search 500'),
      drawThread('workers', 'work 1', 11),
    ])
    expect(file).toMatchObject({ name: 'node server.js', exporter: 'holdup@0.0.0' })
    expect(file.profiles.map(({ type, name, unit }) => [type, name, unit])).toEqual([
      ['sampled', 'main 10/10', 'microseconds'],
      ['sampled', 'workers 10/11', 'microseconds'],
    ])
    expect(drawn(file)).toEqual(['main > search 5000', 'main > render 2000', 'main > search 500'])
    expect(drawn(file, 1)).toEqual(['work 1'])
    expect(file.profiles[0]).toMatchObject({ startValue: 0, endValue: 7500 })
  })

  it('shares its frames, with file, line and column', () => {
    const file = write([drawThread('main', 'f > gg 1\n(program) 2'), drawThread('workers', 'gg > f 1', 11)])
    expect(file.shared.frames).toEqual([
      { name: 'f', file: '/srv/app/server.mjs', line: 1, col: 1 },
      { name: 'gg', file: '/srv/app/server.mjs', line: 2, col: 1 },
      { name: '(program)' },
    ])
  })

  it('leaves idle time blank, or names it', () => {
    const threads = [drawThread('main', 'f 10\n(idle) 20\n(idle) 30\nf 40')]
    expect(drawn(write(threads))).toEqual(['f 10', ' 50', 'f 40'])
    expect(drawn(write(threads, true))).toEqual(['f 10', '(idle) 50', 'f 40'])
  })

  it('puts samples of the same stack that follow each other together', () => {
    expect(drawn(write([drawThread('main', 'f > g 1\nf > g 2\nf 3\nf > g 4')]))).toEqual(['f > g 3', 'f 3', 'f > g 4'])
  })

  it('is valid and harmless whatever names say', () => {
    const name = '</script>"\\\u001b[31m\n\u202e'
    const file = write([drawThread(name, `${name.replace('\n', '')}() 1\n${'y'.repeat(131_072)}() 2`)])
    expect(JSON.stringify(file)).not.toMatch(/\\u001b|\\n|\u202e/)
    expect(JSON.stringify(file).length).toBeLessThan(3000)
  })

  it('without threads is still one', () => {
    expect(write([])).toMatchObject({ profiles: [], shared: { frames: [] } })
  })
})
