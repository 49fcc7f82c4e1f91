import { writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { writeError } from '../recording/write-error.ts'
import { renderProfileHtml } from '../report/html/profile.ts'
import { hotFunctions, profilePage } from '../report/profile.ts'
import { renderProfile } from '../report/terminal/profile.ts'
import { makeOutputFolder } from './output-folder.ts'
import { profileFormat, readProfileFile } from './read-profile-file.ts'
import { terminalOf } from './show-report.ts'
import { VERSION } from './version.ts'

const FUNCTIONS_OF_JSON = 100

/** Draws the flamegraph of a profile file into `output`, by default a folder of its own in `reports/`: others may lie beside the file. */
export async function reportProfile(
  path: string,
  format: NonNullable<ReturnType<typeof profileFormat>>,
  { output, json }: { output: string | undefined; json: boolean },
): Promise<void> {
  const trees = await readProfileFile(path, format)
  const file = basename(path)
  const folder = makeOutputFolder(output, [file], new Date())
  try {
    const page = profilePage(file, trees, { at: new Date().toISOString(), holdup: VERSION })
    writeFileSync(join(folder, 'report.html'), renderProfileHtml(page))
  } catch (error) {
    throw writeError(folder, error)
  }
  if (json) {
    const profiles = trees.map(({ name, unit, tree }) => {
      return { name, unit, total: tree.total, functions: hotFunctions(tree, FUNCTIONS_OF_JSON) }
    })
    process.stdout.write(`${JSON.stringify({ file, format: format.name, profiles }, null, 2)}\n`)
    return
  }
  process.stdout.write(`\n${renderProfile(file, trees, terminalOf(process.stdout))}\n`)
  process.stdout.write(`Report: ${relative(process.cwd(), folder) || '.'}/report.html\n`)
}
