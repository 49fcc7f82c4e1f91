import { Command } from 'commander'
import { addAttach } from './attach.ts'
import { addCompare } from './compare.ts'
import { addDemo } from './demo.ts'
import { addDoctor } from './doctor.ts'
import { addExplain } from './explain.ts'
import { addExport } from './export.ts'
import { addList } from './list.ts'
import { addReport } from './report.ts'
import { addRun } from './run.ts'
import { VERSION } from './version.ts'

const EXAMPLES = `Examples:
  holdup run -- node server.js                 record until Ctrl-C, then report
  holdup attach --port 8080                    the same on a server that runs already
  holdup run -d 20s --load http://127.0.0.1:8080/search?q=tree -- node server.js
  holdup compare reports/before reports/after  the two side by side
  holdup export reports/before --to speedscope > before.speedscope.json
  holdup demo                                  three designs of one service, diagnosed
`

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('holdup')
    .description('Tells you what is holding up your service: locks, thread churn, blocked event loops.')
    .version(VERSION)
    .enablePositionalOptions()
    .option('--no-color', 'plain output (NO_COLOR and FORCE_COLOR count too)')
    .addHelpText('before', EXAMPLES)
  const commands = [addRun, addAttach, addReport, addCompare, addExport, addExplain, addList, addDoctor, addDemo]
  for (const add of commands) add(program)
  return program
}
