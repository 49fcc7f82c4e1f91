import Table from 'cli-table3'
import type { Command } from 'commander'
import { catalogue } from '../detectors/index.ts'
import { listTargets } from './list-targets.ts'

/** `holdup list` */
export function addList(program: Command): void {
  program
    .command('list')
    .summary('every anti-pattern that holdup names; --targets: what it can attach to')
    .description('Lists the anti-patterns and what each needs to be measured, or what can be attached to.')
    .option('--targets', 'the running processes that can be attached to here, and what holdup would see of each')
    .option('--json', 'as JSON')
    .action(({ json = false, targets = false }: { json?: boolean; targets?: boolean }) => {
      if (targets) listTargets(json)
      else listDetectors(json)
    })
}

function listDetectors(json: boolean): void {
  const metas = catalogue.map(({ meta }) => meta)
  if (json) {
    process.stdout.write(`${JSON.stringify(metas, null, 2)}\n`)
    return
  }
  const table = new Table({ head: ['id', 'category', 'title'], style: { head: [], border: [] }, chars: BORDERLESS })
  for (const { id, category, title } of metas) table.push([id, category, title])
  process.stdout.write(`${table.toString()}\n\nholdup explain <id> shows its page.\n`)
}

/** cli-table3 without its lines. */
const BORDERLESS = Object.fromEntries(
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
