import { describe, expect, it } from 'vitest'
import { groupTrees } from '../../src/stacks/group-trees.ts'
import { toZeroXProfile } from '../../src/stacks/zero-x.ts'
import { drawThread } from '../support/profile.ts'

/** The name that 0x makes of a node: lines are printed as they are, none for 0. */
function names(...threads: Parameters<typeof drawThread>[]): string[] {
  const { nodes } = toZeroXProfile(
    groupTrees(
      threads.map((thread) => drawThread(...thread)),
      true,
    ),
  )
  return nodes.map(({ callFrame: { functionName, url, lineNumber }, hitCount }) => {
    const place = `${url ? ` ${url}` : ''}${lineNumber > 0 ? `:${lineNumber}` : ''}`
    return `${functionName}${place} ${hitCount}`
  })
}

describe('a profile for 0x', () => {
  it('is one tree with a frame each thread group, weighed in µs', () => {
    expect(names(['main', 'f > gg 5000\nf 300'], ['workers', 'f 20', 11], ['workers', 'f 1', 12])).toEqual([
      '(root) 0',
      'main (1 thread). 0',
      'f /srv/app/server.mjs:1 300',
      'gg /srv/app/server.mjs:2 5000',
      'workers (2 threads). 0',
      'f /srv/app/server.mjs:1 21',
    ])
  })

  it('numbers parents before children and every child once', () => {
    const { nodes } = toZeroXProfile(groupTrees([drawThread('main', 'a > b > c 1\na > d 1\ne 1')], true))
    expect(nodes.map(({ id }) => id)).toEqual(nodes.map((_, i) => i + 1))
    expect(nodes.flatMap(({ children }) => children).toSorted((a, b) => a - b)).toEqual(
      nodes.slice(1).map(({ id }) => id),
    )
  })

  it.each([
    ['application', 'f (/srv/a.mjs:3:1)', 'f /srv/a.mjs:3'],
    ['its first line', 'f (/srv/a.mjs:1:1)', 'f /srv/a.mjs:1'],
    ['TypeScript', 'f (/srv/a.ts:3:1)', 'f /srv/a.ts.js:3'],
    ['CommonJS', 'f (/srv/a.cjs:3:1)', 'f /srv/a.cjs.js:3'],
    ['a file without a folder', 'f (a.js:3:1)', 'f ./a.js:3'],
    ['core', 'emit (node:events:518:28)', 'emit events.js:518'],
    ['core in a folder', 'f (node:fs/promises:5:1)', 'f fs.promises.js:5'],
    ['core, internal', 'f (node:internal/timers:5:1)', 'f internal/timers.js:5'],
    ['native', 'parse (native)', 'parse native.'],
    ['no place', 'stringify()', 'stringify().'],
    ['the garbage collector', '(garbage collector)', 'garbage collector.'],
    ['an anonymous function', '(anonymous) (/srv/a.js:3:1)', 'anonymous /srv/a.js:3'],
    ['markup', '</script><b> (/srv/<x>.js:3:1)', '‹/script›‹b› /srv/‹x›.js:3'],
  ])('%s', (_what, frame, shown) => {
    expect(names(['main', `${frame} 7`]).at(-1)).toBe(`${shown} 7`)
  })

  it('a group name is harmless too', () => {
    expect(names(['</script>', 'f 1'])[1]).toBe('‹/script› (1 thread). 0')
  })
})
