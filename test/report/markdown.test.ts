import { describe, expect, test } from 'vitest'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { codeSpan, escapeMarkdown } from '../../src/report/markdown/escape.ts'
import { asyncDesign, hostile, mutexPool, threadPerQuery, unjudgeable } from '../support/article-reports.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'

const reports = {
  'mutex-pool': mutexPool,
  'thread-per-query': threadPerQuery,
  async: asyncDesign,
  unjudgeable: unjudgeable,
}

test.each(Object.entries(reports))('%s reads as before', async (name, report) => {
  await expect(renderMarkdown(report)).toMatchFileSnapshot(`../golden/markdown-${name}.md`)
})

test.each([
  ['*a* _b_ `c` [d](e) ~f~ $g$ | h', '\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\~f\\~ \\$g\\$ \\| h'],
  ['<b>&amp;', '&lt;b&gt;&amp;amp;'],
  ['ask @user about #12', 'ask @\u200buser about \\#\u200b12'],
  ['http://evil.example', 'http:\u200b//evil.example'],
  ['www.evil.example', 'www\u200b.evil.example'],
  ['1. first', '1\\. first'],
  ['- item', '\\- item'],
  ['14.2 threads', '14.2 threads'],
])('escapes %s', (text, escaped) => expect(escapeMarkdown(text)).toBe(escaped))

test.each([
  ['plain', '`plain`'],
  ['a `tick` b', '`` a `tick` b ``'],
  ['```', '```` ``` ````'],
  ['a|b', '`a\\|b`'],
  ['', ''],
])('puts %j into a code span', (text, span) => expect(codeSpan(text, { cell: true })).toBe(span))

describe('hostile names', () => {
  test.each(HOSTILE_NAMES)('%s', (_, name) => {
    const text = renderMarkdown(hostile(name))
    expect(outsideCode(text)).not.toMatch(/<(?!\u200b)|(?<!\\)[[\]]|@(?!\u200b)|:\/\/|[^\n\P{Cc}]/u)
    expect(text.length).toBeLessThan(40_000)
    // Nothing but the report itself makes a heading.
    expect(outsideCode(text).match(/^#+ /gm)).toHaveLength(6)
  })
})

/** What a Markdown reader reads as prose: without fenced blocks and code spans. */
function outsideCode(markdown: string): string {
  return markdown.replaceAll(/^(`{3,})\n[^]*?\n\1$/gm, '').replaceAll(/(?<![`\\])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
}
