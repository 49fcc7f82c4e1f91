import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleApp } from '../../scripts/bundle.mjs'
import { renderHtml } from '../../src/report/html/render.ts'
import type { PackedTree, Report } from '../../src/report/model.ts'
import { asyncDesign, hostile, mutexPool, threadPerQuery, unjudgeable } from '../support/article-reports.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'

beforeAll(() => bundleApp())

const embedded = (html: string): unknown =>
  JSON.parse(/<script type="application\/json" id="report">([^<]*)<\/script>/.exec(html)?.[1] ?? '')

test.each(Object.entries({ mutexPool, threadPerQuery, asyncDesign, unjudgeable }))(
  '%s is embedded whole',
  (_, report) => {
    expect(embedded(renderHtml(report))).toEqual(report)
  },
)

test('nothing runs but the app, nothing is styled but by its sheet, nothing is loaded', () => {
  // A pattern's page may name an address, as text.
  const html = renderHtml(mutexPool).replace(/(id="pages">)[^<]*/, '$1')
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]
  const hash = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`
  const [, script = ''] = /<script>([^]*)<\/script>/.exec(html) ?? []
  const [, style = ''] = /<style>([^]*)<\/style>/.exec(html) ?? []
  expect(policy?.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ])
  const urls = html.match(/(?:https?:)?\/\/[\w.-]+\.\w+[^\s"'`)]*/g) ?? []
  expect(urls.filter((url) => !url.startsWith('http://www.w3.org/'))).toEqual([])
  expect(style).not.toMatch(/url\(|@import/)
  expect(html).not.toMatch(/<link|<iframe|<img|\ssrc=/)
})

describe('hostile names', () => {
  test.each(HOSTILE_NAMES)('%s', (_, name) => {
    const report = hostile(name)
    const html = renderHtml(report)
    expect(html.match(/<script/g)).toHaveLength(3)
    expect(html.match(/<\/script/g)).toHaveLength(3)
    expect(html.slice(0, html.indexOf('<style>'))).not.toMatch(/<img|\u202e|\u001b/)
    expect(embedded(html)).toEqual(report)
  })
})

test('a full recording makes a small page, quickly', () => {
  const report = full()
  renderHtml(report)
  const began = performance.now()
  const html = renderHtml(report)
  expect(performance.now() - began).toBeLessThan(100)
  expect(html.length).toBeLessThan(500_000)
})

/** As large as a recording of 10 s gets: ten timelines, three groups of four hundred functions each. */
function full(): Report {
  const tree = (depth: number): PackedTree => [
    depth,
    1.25,
    10.75,
    depth === 0 ? [] : [tree(depth - 1), tree(depth - 1)],
  ]
  const frames = Array.from(
    { length: 400 },
    (_, i) => `someFunction${i} (/srv/app/node_modules/package/lib/file.js:${i}:13)`,
  )
  return {
    ...mutexPool,
    timelines: Array.from({ length: 10 }, (_, id) => ({
      id: `t${id}`,
      title: 'Series',
      unit: 'ms',
      points: Array.from({ length: 240 }, (__, i): [number, number] => [i * 41.666667, Math.sin(i) * 1000]),
    })),
    flames: ['main', 'workers', 'other'].map((name) => ({
      name,
      kind: 'cpu' as const,
      unit: 'ms',
      frames,
      root: tree(9),
    })),
  }
}
