import type { Command } from 'commander'
import { HoldupError, quoteArgument } from '../errors.ts'
import type { Selector } from '../targets/find.ts'
import { parseCount } from './values.ts'

export interface SelectorFlags {
  port?: number
  name?: string
  /** commander's way of `--no-inspector`. */
  inspector: boolean
}

/** The options that say which running process is meant, and how it is entered. */
export function addSelectors(command: Command): Command {
  return command
    .option('--port <n>', 'the one that listens on this port', parseCount('--port'))
    .option('--name <text>', 'the one whose command line holds this word')
    .option('--no-inspector', 'without the agent: only what the system shows of it')
}

const WHAT_ELSE: Readonly<Record<string, string>> = {
  attach: ', --port or --name',
  top: ', --port, --name or -- <command>',
}

/** Which process is meant. Throws HoldupError `argument-missing`, `selector-twice` or `bad-option-value`. */
export function selectorOf(verb: string, given: string | undefined, { port, name }: SelectorFlags): Selector {
  const selectors: [string, Selector][] = []
  if (given !== undefined) selectors.push(['a pid', { pid: parsePid(verb, given) }])
  if (port !== undefined) selectors.push(['--port', { port }])
  if (name?.trim() === '')
    throw new HoldupError('bad-option-value', {
      option: '--name',
      given: name,
      allowed: ['a word'],
      example: 'server.js',
    })
  if (name !== undefined) selectors.push(['--name', { name: name.trim() }])
  const [first, another] = selectors
  if (!first) throw new HoldupError('argument-missing', { verb, argument: 'pid', or: WHAT_ELSE[verb] ?? '' })
  if (another) throw new HoldupError('selector-twice', { verb, given: selectors.map(([option]) => option) })
  return first[1]
}

function parsePid(verb: string, given: string): number {
  const pid = Number(given)
  if (Number.isInteger(pid) && pid > 0) return pid
  throw new HoldupError('bad-option-value', {
    option: verb,
    given,
    allowed: ['a pid'],
    instead: /^[-+.\d\s]*$/.test(given) ? 'holdup list --targets' : `holdup ${verb} --name ${quoteArgument(given)}`,
  })
}
