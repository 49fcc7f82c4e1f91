import { Command, Option } from 'commander'
import { VERSION } from './version.ts'

type Add = (program: Command) => void

/** In the order of the help. Each is loaded only when it's asked for: a start is CPU that a target on the same machine has not. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  run: async () => (await import('./run.ts')).addRun,
  attach: async () => (await import('./attach.ts')).addAttach,
  top: async () => (await import('./top.ts')).addTop,
  report: async () => (await import('./report.ts')).addReport,
  scale: async () => (await import('./scale.ts')).addScale,
  compare: async () => (await import('./compare.ts')).addCompare,
  audit: async () => (await import('./audit.ts')).addAudit,
  export: async () => (await import('./export.ts')).addExport,
  explain: async () => (await import('./explain.ts')).addExplain,
  list: async () => (await import('./list.ts')).addList,
  doctor: async () => (await import('./doctor.ts')).addDoctor,
  demo: async () => (await import('./demo.ts')).addDemo,
}

const EXAMPLES = `Examples:
  holdup run -- node server.js                 record until Ctrl-C, then report
  holdup attach --port 8080                    the same on a server that runs already
  holdup top --port 8080                       what costs most now, live
  holdup run -d 20s --load http://127.0.0.1:8080/search?q=tree -- node server.js
  holdup scale --slo 'p99<100ms' -- node server.js  more and more connections: what limits, and the capacity
  holdup compare reports/before reports/after  the two side by side
  holdup audit                                 the scenarios of holdup.config.json against their budgets
  holdup export reports/before --to speedscope > before.speedscope.json
  holdup demo                                  three designs of one service, diagnosed
`

/** The command line: of the verb that is asked for, or of all of them. */
export async function createProgram(verb: string | undefined): Promise<Command> {
  const program = new Command('holdup')
    .description('Tells you what is holding up your service: locks, thread churn, blocked event loops.')
    .version(VERSION)
    .enablePositionalOptions()
    .option('--no-color', 'plain output (NO_COLOR and FORCE_COLOR count too)')
    .addHelpText('before', EXAMPLES)
  const asked = Object.entries(COMMANDS).filter(([name]) => name === verb)
  // The version is told without them.
  const loads = asked.length > 0 || verb === '--version' ? asked : Object.entries(COMMANDS)
  for (const add of await Promise.all(loads.map(([, load]) => load()))) add(program)
  // The packages that colour look for it themselves, wherever it stands.
  for (const command of program.commands) command.addOption(new Option('--no-color').hideHelp())
  return program
}
