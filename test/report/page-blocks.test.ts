import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inlineParts, pageBlocks } from '../../src/report/html/app/page-blocks.ts'
import { ROOT } from '../support/cli.ts'

const PAGES = join(ROOT, 'docs/detectors')

test('blocks of every kind', () => {
  const page = [
    '# title',
    '## What',
    'one',
    'two',
    '',
    '- a',
    '  b',
    '- c',
    '<!-- x -->',
    '| h | i |',
    '| --- | ---: |',
    '| 1 | 2 |',
    '',
    '```js',
    '# no heading',
    '',
    '- none',
    '```',
  ].join('\n')
  expect(pageBlocks(page)).toEqual([
    { kind: 'heading', text: 'What' },
    { kind: 'paragraph', text: 'one two' },
    { kind: 'list', items: ['a b', 'c'] },
    { kind: 'table', head: ['h', 'i'], rows: [['1', '2']] },
    { kind: 'code', text: '# no heading\n\n- none' },
  ])
})

test('inline marks', () => {
  expect(inlineParts('a `b*c` *d* **e** [f](g.md) 2 * 3')).toEqual([
    { kind: 'text', text: 'a ' },
    { kind: 'code', text: 'b*c' },
    { kind: 'text', text: ' ' },
    { kind: 'em', text: 'd' },
    { kind: 'text', text: ' ' },
    { kind: 'strong', text: 'e' },
    { kind: 'text', text: ' f 2 * 3' },
  ])
})

test.each(readdirSync(PAGES).filter((name) => name.endsWith('.md')))('%s leaves no mark behind', (name) => {
  const blocks = pageBlocks(readFileSync(join(PAGES, name), 'utf8'))
  expect(blocks.filter(({ kind }) => kind === 'heading').length).toBeGreaterThan(4)
  const prose = blocks.flatMap((block) =>
    block.kind === 'paragraph' ? [block.text] : block.kind === 'list' ? block.items : [],
  )
  const plain = prose.flatMap(inlineParts).filter(({ kind }) => kind === 'text')
  expect(plain.filter(({ text }) => /`|\*\*|\]\(|^\||^#/.test(text))).toEqual([])
})
