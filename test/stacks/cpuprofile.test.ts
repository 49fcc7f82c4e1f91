import { describe, expect, it } from 'vitest'
import { formatFrame, parseFrame } from '../../src/stacks/call-frame.ts'
import { NOT_RECORDED, sampleWeights, toCpuProfile } from '../../src/stacks/cpuprofile.ts'
import { drawPiece, drawProfile } from '../support/profile.ts'

describe('a frame', () => {
  it.each([
    ['search (file:///srv/app/index.mjs:88:12)', 'search', 'file:///srv/app/index.mjs', 87, 11],
    ['(anonymous) (node:events:518:28)', '(anonymous)', 'node:events', 517, 27],
    ['parse (native)', 'parse', 'native', -1, -1],
    ['(garbage collector)', '(garbage collector)', '', -1, -1],
    ['a (b) (c.js:1:2)', 'a (b)', 'c.js', 0, 1],
    ['two\nlines (c.js:1:2)', 'two\nlines', 'c.js', 0, 1],
    ['', '', '', -1, -1],
  ])('%j in parts and back', (frame, functionName, url, lineNumber, columnNumber) => {
    const parts = parseFrame(frame)
    expect(parts).toEqual({ functionName, scriptId: '0', url, lineNumber, columnNumber })
    expect(formatFrame(parts)).toBe(frame)
  })
})

describe('a profile of several pieces', () => {
  const join = (...pieces: ReturnType<typeof drawPiece>[]) => {
    const all = pieces.flatMap(({ strings }) => strings)
    let offset = 0
    const records = pieces.map(({ piece, strings }) => {
      const nodes = piece.nodes.map(([id, parent, frame]): [number, number, number] => [id, parent, frame + offset])
      offset += strings.length
      return { ...piece, nodes }
    })
    return toCpuProfile(records, (id) => all[id] ?? '?')
  }
  /** `frame weight` of each sample. */
  const leaves = (profile: ReturnType<typeof join>) => {
    const weights = sampleWeights(profile)
    const name = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]))
    return profile.samples.map((id, i) => `${name.get(id)} ${weights[i]}`)
  }

  it('has the frames of each in one tree', () => {
    const first = drawPiece('main > search 5000\nmain > render 5000')
    const second = drawPiece('main > search 3000\n(idle) 7000', { from: 10 })
    const profile = join(first, second)
    expect(leaves(profile)).toEqual(['search 5000', 'render 5000', 'search 3000', '(idle) 7000'])
    expect(profile.nodes.map(({ callFrame, hitCount }) => `${callFrame.functionName} ${hitCount}`)).toEqual([
      '(root) 0',
      'main 0',
      'search 2',
      'render 1',
      '(idle) 1',
    ])
    expect([profile.startTime, profile.endTime]).toEqual([0, 20_000])
  })

  it.each([
    ['begins before the one before ends', 9, ['search 4000', 'search 10000', 'render 5000']],
    ['follows at once', 10, ['search 5000', 'search 10000', 'render 5000']],
    ['follows after less than a gap', 109, ['search 104000', 'search 10000', 'render 5000']],
    ['follows after a lost one', 5000, ['search 5000', `${NOT_RECORDED} 4990000`, 'search 10000', 'render 5000']],
  ])('%s', (_what, from, expected) => {
    const first = drawPiece('main 5000\nmain > search 5000')
    const second = drawPiece('main > search 10000\nmain > render 5000', { from })
    expect(leaves(join(first, second)).slice(1)).toEqual(expected)
  })

  it('without any sample is empty', () => {
    expect(toCpuProfile([], String)).toMatchObject({ samples: [], timeDeltas: [], nodes: [{ id: 1 }] })
    expect(sampleWeights(toCpuProfile([], String))).toEqual([])
  })
})

it('weights add up to the time from the first sample to the end', () => {
  const profile = drawProfile('main 4000\nmain > search 5000\n(idle) 1234')
  const sum = sampleWeights(profile).reduce((total, weight) => total + weight, 0)
  expect(sum).toBe(profile.endTime - profile.startTime)
  expect(sum).toBe(10_234)
})
