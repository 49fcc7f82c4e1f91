import { describe, expect, it, test } from 'vitest'
import { hotFunctions } from '../../src/report/profile.ts'
import { addStack, createTree } from '../../src/stacks/call-tree.ts'
import { cpuSamples, pprofProfile } from '../../src/stacks/pprof.ts'
import { readCpuProfile } from '../../src/stacks/read/cpuprofile.ts'
import { FoldedReader } from '../../src/stacks/read/folded.ts'
import { readPprof } from '../../src/stacks/read/pprof.ts'
import { ProfileError, type WeighedTree } from '../../src/stacks/read/read-profile.ts'
import { StackSums } from '../../src/stacks/read/stack-sums.ts'
import { drawProfile } from '../support/profile.ts'

const MAIN = 'main (/srv/a.mjs:1)'
const WORK = 'work (/srv/a.mjs:7)'
const time = { startedAt: 0, durationMs: 0 }

/** A tree as text: `frame self/total` a line, indented. */
function drawn({ tree }: Pick<WeighedTree, 'tree'>, depth = 0): string {
  const line = `${' '.repeat(depth)}${tree.frame} ${tree.self}/${tree.total}`
  return [line, ...tree.children.map((child) => drawn({ tree: child }, depth + 1))].join('\n')
}

function folded(text: string): WeighedTree[] {
  const reader = new FoldedReader()
  for (const line of text.split('\n')) reader.line(line)
  return reader.end()
}

function pprof(): Uint8Array {
  const tree = createTree()
  addStack(tree, [MAIN, WORK], 30)
  addStack(tree, [MAIN], 5)
  return pprofProfile([['cpu', 'nanoseconds']], cpuSamples([{ group: 'main', tree }], 1e6), time)
}

/** The reason why it is none; fails where it is one, or where another error is thrown. */
function reasonOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(ProfileError)
    return (error as Error).message
  }
  throw new Error('it was read')
}

describe('pprof', () => {
  it('gives back what was written, in ms', () => {
    const [cpu] = readPprof(pprof())
    expect(cpu).toMatchObject({ name: 'cpu', unit: 'ms' })
    expect(cpu && drawn(cpu)).toBe(`cpu 0/35\n ${MAIN} 5/35\n  ${WORK} 30/30`)
  })

  it('has a tree each type, the last one first', () => {
    const types = [
      ['contentions', 'count'],
      ['delay', 'nanoseconds'],
    ] as const
    const trees = readPprof(pprofProfile(types, [{ stack: [WORK], values: [3, 7e6], labels: {} }], time))
    expect(trees.map(({ name, unit, tree }) => [name, unit, tree.total])).toEqual([
      ['delay', 'ms', 7],
      ['contentions', '', 3],
    ])
  })

  it('frames that were inlined, addresses without a name, numbers that are packed or not, by hand', () => {
    const bytes = (id: number, ...content: number[]) => [id * 8 + 2, content.length, ...content]
    const text = (value: string) => bytes(6, ...Buffer.from(value))
    const message = new Uint8Array([
      ...['', 'samples', 'count', 'leaf', 'caller'].flatMap(text),
      ...bytes(1, 8, 1, 16, 2),
      ...bytes(5, 8, 1, 16, 3),
      ...bytes(5, 8, 2, 16, 4),
      ...bytes(4, 8, 1, ...bytes(4, 8, 1), ...bytes(4, 8, 2)),
      ...bytes(4, 8, 2, 24, 0xff, 0x01),
      ...bytes(2, ...bytes(1, 1, 2), ...bytes(2, 4)),
      ...bytes(2, 8, 2, 16, 6),
    ])
    const [samples] = readPprof(message)
    expect(samples && drawn(samples)).toBe('samples 0/10\n 0xff 6/10\n  caller 0/4\n   leaf 4/4')
  })

  test('what is cut off anywhere, or hit anywhere, is read or an error that says why', () => {
    const whole = pprof()
    for (let i = 0; i < whole.length; i++) {
      for (const broken of [whole.subarray(0, i), whole.with(i, 255), whole.with(i, 7)]) {
        try {
          expect(readPprof(broken).length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(ProfileError)
        }
      }
    }
  })

  test.each([
    ['nothing', '', 'it names no type of sample'],
    ['text', 'hello, this is no profile\n', 'no protobuf'],
    ['JSON', '{"nodes":[]}', 'no protobuf'],
  ])('%s', (_, content, reason) => {
    expect(reasonOf(() => readPprof(Buffer.from(content)))).toContain(reason)
  })
})

describe('.cpuprofile', () => {
  it('gives its time in ms, idle time left out', () => {
    const [cpu] = readCpuProfile(JSON.stringify(drawProfile('main > search 5000\n(idle) 9000\nmain 1000')))
    expect(cpu?.unit).toBe('ms')
    expect(cpu && drawn(cpu)).toBe(
      'all 0/6\n main (/srv/app/server.mjs:4:1) 1/6\n  search (/srv/app/server.mjs:6:1) 5/5',
    )
  })

  it('without times the counts of its nodes, also where a child stands before its parent', () => {
    const nodes = [
      { id: 3, callFrame: { functionName: 'leaf', url: '' }, hitCount: 4 },
      {
        id: 2,
        callFrame: { functionName: '', url: 'a.js', lineNumber: 0, columnNumber: 0 },
        hitCount: 1,
        children: [3],
      },
    ]
    const [samples] = readCpuProfile(JSON.stringify({ nodes }))
    expect(samples && drawn(samples)).toBe('all 0/5\n (anonymous) (a.js:1:1) 1/5\n  leaf 4/4')
  })

  it('a node that is its own ancestor ends', () => {
    const nodes = [{ id: 1, callFrame: { functionName: 'f' }, children: [1], hitCount: 2 }]
    expect(readCpuProfile(JSON.stringify({ nodes }))[0]?.tree.total).toBe(2)
  })

  test.each([
    ['{', 'it is no JSON'],
    ['[]', 'its JSON is no object'],
    ['{}', 'it has no "nodes"'],
    ['{"nodes":[null]}', 'one of its nodes has no id'],
    ['{"nodes":[{"id":1}],"samples":[9,9],"timeDeltas":[1,1]}', 'idle in every sample'],
  ])('%s', (text, reason) => {
    expect(reasonOf(() => readCpuProfile(text))).toContain(reason)
  })
})

describe('collapsed stacks', () => {
  it('adds up, with spaces and numbers in frames', () => {
    const [all] = folded('# by perf\nmain;a b 1 2\r\nmain;a b 1 3\nmain 0.5\n\n')
    expect(all && drawn(all)).toBe('all 0/5.5\n main 0.5/5.5\n  a b 1 5/5')
  })

  test.each([
    ['', 'it holds no line'],
    ['what is this\nno idea', '2 of its 2 lines'],
    ['main 0', '0 of its 1 lines'],
  ])('%j', (text, reason) => {
    expect(reasonOf(() => folded(text))).toContain(reason)
  })
})

describe('sums', () => {
  it('are bounded in depth and in number, and lose no weight', () => {
    const sums = new StackSums('all')
    sums.add(
      Array.from({ length: 100_000 }, (_, i) => `f${i}`),
      1,
    )
    for (let i = 0; i < 200_000; i++) sums.add([`g${i}`], 1)
    expect(sums.tree.total).toBe(200_001)
    expect(sums.tree.children.length).toBeLessThanOrEqual(100_000)
    expect(hotFunctions(sums.tree, 3)[0]?.self).toBe(1)
  })

  it('clean names, leave out what weighs nothing', () => {
    const sums = new StackSums('all')
    for (const weight of [-1, 0, NaN, Infinity, 2]) sums.add(['\u001b[31mred\u001b[0m'], weight)
    expect(drawn(sums)).toBe('all 0/2\n red 2/2')
  })
})
