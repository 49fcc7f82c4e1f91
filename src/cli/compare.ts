import { basename, dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { compareReports } from '../compare/compare.ts'
import { renderComparisonMarkdown } from '../compare/markdown.ts'
import { renderComparisonTerminal } from '../compare/terminal.ts'
import { readRecording } from '../recording/read.ts'
import { terminalOf } from './show-report.ts'
import { reportOn } from './write-report.ts'

/** `holdup compare <before> <after>` */
export function addCompare(program: Command): void {
  program
    .command('compare')
    .summary('two recordings side by side')
    .description(
      'Shows two recordings side by side: latency, memory, CPU, threads, locks, and which findings came and went.',
    )
    .argument('<before>', 'recording, or its folder')
    .argument('<after>', 'recording, or its folder')
    .option('--json', 'the comparison as JSON')
    .option('--markdown', 'for a pull request')
    .action(async (before: string, after: string, flags: { json?: boolean; markdown?: boolean }) => {
      const [a, b] = await Promise.all([load(before), load(after)])
      const comparison = compareReports([a, b])
      if (flags.json) process.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`)
      else if (flags.markdown) process.stdout.write(renderComparisonMarkdown(comparison))
      else process.stdout.write(`${renderComparisonTerminal(comparison, terminalOf(process.stdout))}\n`)
    })
}

async function load(given: string): Promise<Parameters<typeof compareReports>[0][number]> {
  const recording = await readRecording(given)
  return { name: basename(dirname(resolve(recording.file))), report: reportOn(recording).report }
}
