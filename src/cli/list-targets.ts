import { HoldupError } from '../errors.ts'
import { procAvailable } from '../probes/proc/available.ts'
import { createPage, fit, wrap, type Page } from '../report/terminal/page.ts'
import { table } from '../report/terminal/table.ts'
import { type Attachable, type AttachableTarget, attachableTargets } from '../targets/attachable.ts'
import { whyNoProc } from '../targets/find.ts'
import { terminalOf } from './show-report.ts'

const PORTS_SHOWN = 2
const NARROWEST_COMMAND = 14
/** Between columns, and before the first. */
const GAP = 2
const LEGEND =
  'holdup attach <pid> records one and its children. agent: event loop, locks, HTTP and CPU profile too; native signals: threads, CPU and what they wait for.'

/** `holdup list --targets`. Throws HoldupError `needs-proc`. */
export function listTargets(json: boolean): void {
  if (!procAvailable())
    throw new HoldupError('needs-proc', { verb: 'list --targets', reason: whyNoProc(), instead: 'ps -A' })
  const attachable = attachableTargets()
  process.stdout.write(
    json
      ? `${JSON.stringify(attachable, null, 2)}\n`
      : `${renderTargets(attachable, createPage(terminalOf(process.stdout))).join('\n')}\n`,
  )
}

function renderTargets({ targets, others, othersHidden }: Attachable, page: Page): string[] {
  return [
    ...wrap(summary(targets), page.columns),
    '',
    ...(targets.length > 0 ? [...rows(targets, page), '', ...dim(LEGEND, page)] : []),
    ...dim(othersText(others, othersHidden), page),
  ]
}

function summary(targets: readonly AttachableTarget[]): string {
  const seen = targets.filter(({ sees }) => sees !== 'no')
  if (seen.length === 0) return 'holdup can attach to no process here.'
  const agents = seen.filter(({ sees }) => sees === 'agent').length
  return `holdup can attach to ${count(seen.length, 'process', 'processes')} here, ${agents} of them with its Node agent.`
}

function othersText(others: number, hidden: boolean): string {
  if (hidden) return "/proc hides other users' processes here (hidepid), root sees them: sudo holdup list --targets"
  if (process.geteuid?.() === 0 && others === 0) return ''
  return others === 0
    ? 'Root would see no more of them.'
    : `Root would see ${count(others, 'more process', 'more processes')} of other users: sudo holdup list --targets`
}

function rows(targets: readonly AttachableTarget[], page: Page): string[] {
  const head = ['pid', 'runtime', 'threads', 'ports', 'sees']
  const cells = targets.map((target) => [
    String(target.pid),
    target.runtime,
    String(target.threads),
    portsText(target.ports),
    target.sees === 'no' ? `no: ${target.lacks}` : target.sees,
  ])
  const taken = head.map((title, column) =>
    Math.max(...[title, ...cells.map((row) => row[column] ?? '')].map((text) => text.length)),
  )
  const room = page.columns - taken.reduce((sum, width) => sum + width + GAP, GAP)
  const command = (target: AttachableTarget) => fit(shortCommand(target.command), Math.max(NARROWEST_COMMAND, room))
  return table(
    page,
    [...head, 'command'],
    cells.map((row, index) => [...row, command(targets[index] as AttachableTarget)]),
    [1, 3, 4, 5],
  )
}

/** The program without its folder: `node server.js`. */
function shortCommand(command: string): string {
  return command.replace(/^\S*\/(?=\S)/, '')
}

function portsText(ports: readonly number[]): string {
  const shown = ports.slice(0, PORTS_SHOWN).join(', ')
  return ports.length > PORTS_SHOWN ? `${shown} …` : shown
}

function dim(text: string, page: Page): string[] {
  return wrap(text, page.columns).map((line) => page.ink.dim(line))
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`
}
