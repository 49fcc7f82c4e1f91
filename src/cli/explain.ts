import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { catalogue } from '../detectors/index.ts'
import { HoldupError } from '../errors.ts'
import { packageFile } from '../package-file.ts'
import { renderPage } from './render-page.ts'
import { terminalOf } from './show-report.ts'
import { reportOn } from './write-report.ts'
import { readRecording } from '../recording/read.ts'

const PAGES = packageFile('docs/detectors/')

/** `holdup explain [id]` */
export function addExplain(program: Command): void {
  program
    .command('explain')
    .summary("an anti-pattern's page, offline")
    .description('Explains an anti-pattern by its id, or a finding of a report by its handle (F1).')
    .argument('<id>', 'global-mutex … (holdup list), or a handle such as F1')
    .argument('[recording]', 'whose finding a handle means (default: the newest under reports/)')
    .action(async (given: string, recording: string | undefined) => {
      if (recording !== undefined && !/^F\d+$/i.test(given))
        throw new HoldupError('too-many-arguments', {
          verb: 'explain',
          takes: '<id> alone, or <handle> and <recording>',
          extra: recording,
        })
      const id = /^F\d+$/i.test(given) ? await findingId(given.toUpperCase(), recording) : given
      const known = catalogue.map(({ meta }) => meta.id)
      if (!known.includes(id)) throw new HoldupError('no-such-detector', { id, known })
      process.stdout.write(renderPage(readFileSync(join(PAGES, `${id}.md`), 'utf8'), terminalOf(process.stdout)))
    })
}

/** Prints the finding of that handle; returns its detector's id. */
async function findingId(handle: string, given: string | undefined): Promise<string> {
  const { report } = reportOn(await readRecording(given ?? newestRun()))
  for (const result of report.results) {
    const finding = result.findings.find((candidate) => candidate.handle === handle)
    if (finding) return result.id
  }
  const handles = report.results.flatMap(({ findings }) => findings.map((finding) => finding.handle))
  throw new HoldupError('bad-option-value', {
    option: 'explain',
    given: handle,
    allowed: handles.length > 0 ? handles.toSorted() : ['an id of "holdup list": this report has no findings'],
    instead: 'holdup list',
  })
}

function newestRun(): string {
  const runs = existsSync('reports') ? readdirSync('reports').map((name) => join('reports', name)) : []
  const recorded = runs.filter(
    (path) => statSync(path).isDirectory() && readdirSync(path).some((name) => name.startsWith('recording.')),
  )
  const newest = recorded.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]
  if (!newest)
    throw new HoldupError('recording-not-found', { path: 'reports', reason: 'no run has been recorded here yet' })
  return newest
}
