import Table from 'cli-table3'
import type { Command } from 'commander'
import { catalogue } from '../detectors/index.ts'

/** `holdup list` */
export function addList(program: Command): void {
  program
    .command('list')
    .summary('every anti-pattern that holdup names')
    .description('Lists the anti-patterns and what each needs to be measured.')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) => {
      if (json) {
        process.stdout.write(
          `${JSON.stringify(
            catalogue.map(({ meta }) => meta),
            null,
            2,
          )}\n`,
        )
        return
      }
      const table = new Table({ head: ['id', 'category', 'title'], style: { head: [], border: [] }, chars: BORDERLESS })
      for (const { meta } of catalogue) table.push([meta.id, meta.category, meta.title])
      process.stdout.write(`${table.toString()}\n\nholdup explain <id> shows its page.\n`)
    })
}

/** cli-table3 without its lines. */
export const BORDERLESS = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((name) => [name, name === 'middle' ? ' ' : '']),
)
