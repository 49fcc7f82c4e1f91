import type { Command } from 'commander'
import { createPage, type Page, wrap } from '../report/terminal/page.ts'
import { describeHost } from '../targets/host.ts'
import type { Check } from './doctor/check.ts'
import { checksOf } from './doctor/checks.ts'
import { lookAtMachine } from './doctor/machine.ts'
import { summarise } from './doctor/summary.ts'
import { terminalOf } from './show-report.ts'

const WHAT_COLUMNS = 19
const STATE_COLUMNS = 10

/** `holdup doctor` */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('what this machine permits')
    .description('Shows what each probe needs, whether it is there, and the command that opens it.')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const checks = checksOf(await lookAtMachine())
      const summary = summarise(checks)
      const page = createPage(terminalOf(process.stdout))
      process.stdout.write(
        json
          ? `${JSON.stringify({ summary, host: describeHost(), checks }, null, 2)}\n`
          : `${[...wrap(summary, page.columns), '', ...checks.flatMap((check) => lines(check, page))].join('\n')}\n`,
      )
    })
}

/** Its row, and the command in one piece, to be copied. */
function lines({ what, state, means, command }: Check, { columns, ink }: Page): string[] {
  const paint = { ok: ink.green, degraded: ink.yellow, missing: ink.red }[state]
  const margin = WHAT_COLUMNS + STATE_COLUMNS
  const [first = '', ...more] = wrap(means, columns - margin)
  return [
    `${what.padEnd(WHAT_COLUMNS)}${paint(state)}${' '.repeat(STATE_COLUMNS - state.length)}${first}`,
    ...more.map((line) => `${' '.repeat(margin)}${line}`),
    ...(command === undefined ? [] : [`  try: ${command}`]),
  ]
}
