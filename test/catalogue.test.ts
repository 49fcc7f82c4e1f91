/** Keeps the siblings of each detector together: its test, its page, its fixture pair and its line in the catalogue. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../src/detectors/index.ts'
import { thresholdsTable } from '../src/detectors/thresholds-table.ts'

const MOST_LINES = 150
const HEADINGS = [
  'What it flags',
  'Why it hurts',
  'How it is measured',
  'Thresholds',
  'What to do',
  'When it is a false alarm',
  'Try it',
]

const ids = catalogue.map(({ meta }) => meta.id)
const read = (path: string) => readFileSync(path, 'utf8')
/** Files of a folder with that ending, without it. */
const namesIn = (folder: string, ending: string) =>
  readdirSync(folder).flatMap((file) => (file.endsWith(ending) ? [basename(file, ending)] : []))

interface Expectation {
  expect: string[]
  informs?: string[]
  mustNot: string[]
  pair: string
  scaled?: { expect?: string[] }
}

/** Expectations of all fixtures by their folder. */
const fixtures = new Map(
  readdirSync('fixtures', { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === 'expect.json')
    .map((path) => [dirname(join('fixtures', path)), JSON.parse(read(join('fixtures', path))) as Expectation]),
)

/** Fixtures in which the detector must find its pattern, and whose look-alike it must leave alone. */
function pairsOf(id: string): string[] {
  return [...fixtures].flatMap(([folder, { expect: found, informs = [], pair, scaled }]) => {
    const lookAlike = fixtures.get(join(dirname(folder), pair))
    return [...found, ...informs, ...(scaled?.expect ?? [])].includes(id) && lookAlike?.mustNot.includes(id)
      ? [folder]
      : []
  })
}

describe.each(catalogue.map(({ meta }) => ({ ...meta, meta })))(
  '$id',
  ({ id, title, unpaired, explainedBy = [], yieldsTo = [], meta }) => {
    it('is a file of that name which exports one constant of that name', async () => {
      const name = id.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
      const exported = (await import(`../src/detectors/${id}.ts`)) as Record<string, unknown>
      expect(Object.keys(exported)).toEqual([name])
      expect(catalogue).toContain(exported[name])
      expect(title).not.toBe('')
    })

    it('has a test', () => {
      expect(existsSync(`test/detectors/${id}.test.ts`), `write test/detectors/${id}.test.ts`).toBe(true)
    })

    it('has a fixture and its look-alike, or says why not', () => {
      const pairs = pairsOf(id)
      expect(
        pairs.length > 0 || Boolean(unpaired),
        'no expect.json of a pair names it, and its meta has no `unpaired`',
      ).toBe(true)
      expect(pairs.length > 0 && Boolean(unpaired), '`unpaired` is out of date').toBe(false)
    })

    it('has a page with every heading, its thresholds and its fixture', () => {
      const page = read(`docs/detectors/${id}.md`)
      const headings = page.split('\n').flatMap((line) => (line.startsWith('## ') ? [line.slice(3)] : []))
      expect(headings).toEqual(HEADINGS)
      expect(page.split('\n')[0]).toMatch(`# ${id}`)
      const [, table] = page.split(/<!-- \/?thresholds -->/)
      expect(table?.trim(), 'npm run new-detector -- --write-docs writes it again').toBe(thresholdsTable(meta))
      const [, example = ''] = page.split('## Try it')
      const pairs = pairsOf(id)
      if (pairs.length > 0) expect(pairs.filter((folder) => example.includes(`${folder}/run.sh`))).not.toEqual([])
    })

    it('says where each limit comes from', () => {
      for (const { description, source } of Object.values(meta.thresholds)) {
        expect(description).not.toBe('')
        expect(source).not.toBe('')
      }
    })

    it('is explained only by, and yields only to, what stands before it', () => {
      expect(ids.slice(0, ids.indexOf(id))).toEqual(expect.arrayContaining([...explainedBy, ...yieldsTo]))
    })
  },
)

describe('nothing is left over', () => {
  it('every detector stands in the catalogue, once', () => {
    const detectors = namesIn('src/detectors', '.ts').filter((name) =>
      /= defineDetector\(/.test(read(`src/detectors/${name}.ts`)),
    )
    expect(ids.toSorted()).toEqual(detectors)
  })

  it('every page belongs to a detector', () => {
    expect(namesIn('docs/detectors', '.md')).toEqual(ids.toSorted())
  })

  it.each(namesIn('src/detectors', '.ts'))('src/detectors/%s.ts is short', (name) => {
    expect(read(`src/detectors/${name}.ts`).split('\n').length).toBeLessThanOrEqual(MOST_LINES + 1)
  })
})
