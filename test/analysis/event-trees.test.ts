import { describe, expect, it } from 'vitest'
import { creationTree, stallTree } from '../../src/analysis/event-trees.ts'
import { heaviestStacks } from '../../src/stacks/call-tree.ts'
import { SEARCH, HANDLER, stallsAt } from '../support/signals.ts'

describe('stalls of main threads', () => {
  it('are shared out among the stacks that were seen in them, less the time without a core', () => {
    const stacks = [
      { stack: [SEARCH, HANDLER], share: 0.5 },
      { stack: [HANDLER], share: 0.25 },
    ]
    const tree = stallTree(stallsAt([1000], 120, { queuedMs: 30, stacks }))
    expect(heaviestStacks(tree, 9)).toEqual([
      { stack: [SEARCH, HANDLER], weight: 60 },
      { stack: ['(waits for a core)'], weight: 30 },
      { stack: [HANDLER], weight: 30 },
    ])
    expect(tree.total).toBe(120)
  })

  it('that no sample lies in are named so, and each lies in the step in which it ends', () => {
    const tree = stallTree(stallsAt([600, 1900], 100, { stacks: [] }), { from: 0, stepMs: 500, count: 4 })
    expect(tree.children).toMatchObject([{ frame: '(not sampled)', self: 200 }])
    expect([...(tree.children[0]?.steps ?? [])]).toEqual([
      [1, 100],
      [3, 100],
    ])
  })
})

it('threads that are made count where they are', () => {
  const creators = [
    { stack: ['spawn (pool.cpp:3)', 'main (main.cpp:9)'], count: 7 },
    { stack: ['spawn (pool.cpp:3)', 'serve (main.cpp:20)'], count: 2 },
  ]
  const tree = creationTree(creators)
  expect(tree.total).toBe(9)
  expect(heaviestStacks(tree, 1)).toEqual([{ stack: ['spawn (pool.cpp:3)', 'main (main.cpp:9)'], weight: 7 }])
})
