import { describe, expect, it } from 'vitest'
import { foldedStacks } from '../../src/stacks/folded.ts'
import { groupTrees } from '../../src/stacks/group-trees.ts'
import { drawThread } from '../support/profile.ts'

const AGENT = 'file:///srv/holdup/dist/agents/node/agent.cjs'
const HOSTILE = '</script>\u001b[31mred\u001b[0m;\u202ea\nb'

function fold(threads: Parameters<typeof groupTrees>[0], idle = false): string[] {
  return [...foldedStacks(groupTrees(threads, idle))]
}

describe('collapsed stacks', () => {
  it('have a line each stack: thread group, frames root first, µs', () => {
    const text = `
      main > search 5000
      main > render 2000
      main 1000
      main > search 500`
    expect(fold([drawThread('main', text)])).toEqual([
      'main;main (/srv/app/server.mjs:4:1) 1000\n',
      'main;main (/srv/app/server.mjs:4:1);search (/srv/app/server.mjs:6:1) 5500\n',
      'main;main (/srv/app/server.mjs:4:1);render (/srv/app/server.mjs:6:1) 2000\n',
    ])
  })

  it('add up the threads of a group and keep groups apart', () => {
    const threads = [
      drawThread('main', 'f 100'),
      drawThread('workers', 'f 20', 11),
      drawThread('workers', 'f 3\ng 4', 12),
    ]
    expect(fold(threads)).toEqual([
      'main;f (/srv/app/server.mjs:1:1) 100\n',
      'workers;f (/srv/app/server.mjs:1:1) 23\n',
      'workers;g (/srv/app/server.mjs:1:1) 4\n',
    ])
  })

  it.each([
    ['idle', '(idle)', null, '(idle)'],
    ["blocked in Atomics.wait, seen through the agent's wrapper", `f > wait (${AGENT}:8:9)`, null, 'Atomics.wait'],
    ['in native code', '(program)', '(program)', '(program)'],
    ['collecting garbage', '(garbage collector)', '(garbage collector)', '(garbage collector)'],
    ['in the agent', `f > tick (${AGENT}:1:2) > send (${AGENT}:3:4)`, '(holdup agent)', '(holdup agent)'],
  ])('a thread that is %s', (_what, stack, busy, idle) => {
    const leaf = (keepIdle: boolean) =>
      fold([drawThread('main', `${stack} 5000`)], keepIdle).map((line) => line.split(';').at(-1))
    expect(leaf(false)).toEqual(busy === null ? [] : [`${busy} 5000\n`])
    expect(leaf(true)).toEqual([`${idle} 5000\n`])
  })

  it('with idle time add up to the whole profile', () => {
    const thread = drawThread('main', `main 4000\n(idle) 5000\nmain > wait (${AGENT}:1:1) 77\n(program) 1`)
    const sum = fold([thread], true).reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
    expect(sum).toBe(thread.profile.endTime - thread.profile.startTime)
  })

  it.each([
    ['a separator', 'a;b', 'a,b'],
    ['markup, escapes, bidi marks and newlines', HOSTILE, '</script>red, a b'],
    ['nothing', '\u001b[0m', '(anonymous)'],
  ])('%s stays one frame', (_what, name, shown) => {
    const profile = drawThread('main', 'f 7').profile
    const nodes = profile.nodes.map((node) => ({
      ...node,
      callFrame: node.id === 2 ? { ...node.callFrame, functionName: name, url: '' } : node.callFrame,
    }))
    const [line = '', ...rest] = fold([{ pid: 1, tid: 1, group: name, profile: { ...profile, nodes } }])
    expect(rest).toEqual([])
    expect(line).toBe(`${shown};${shown} 7\n`)
  })

  it('a number that ends the last frame is no weight', () => {
    expect(fold([drawThread('process 1', 'f() 2 > phase() 2.5 7')])).toEqual(['process 1;f() 2;phase()_2.5 7\n'])
  })

  it('a name of 128 kB is shortened', () => {
    const [line = ''] = fold([drawThread('x'.repeat(131_072), `${'y'.repeat(131_072)}() 7`)])
    expect(line.length).toBeLessThan(2100)
  })
})
