#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { CommanderError } from 'commander'
import type { Command } from 'commander'
import { HoldupError, ofVerb, renderError, toHoldupError } from '../errors.ts'
import { createProgram } from './program.ts'
import { sweepLeftovers } from './sweep-leftovers.ts'

// Node 20 optimises what holdup runs a few times a second, for 0.1 of the 0.8 s of CPU that an attach of 12 s takes; later ones wait longer.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=700000')

// A reader that leaves early (`| head`) has what it wanted.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Who is writing may know better what any other error means.
    if (error.code !== 'EPIPE' && stream.listenerCount('error') === 1) throw error
  })
}

await sweepLeftovers()
const given = process.argv.slice(2, argumentsEnd())
const verbGiven = given.find((word) => word !== '--no-color')
const program = await createProgram(verbGiven)
strict(program)
try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = fail(error)
}

/** Errors of commander come to us instead of being printed and exited on. */
function strict(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} })
  for (const child of command.commands) strict(child)
}

/** Says what went wrong; returns the exit code. */
function fail(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  const known = error instanceof HoldupError ? ofVerb(error, verb()?.name() ?? 'run') : translate(error)
  if (given.includes('--json')) process.stdout.write(`${JSON.stringify({ error: known })}\n`)
  else process.stderr.write(`${renderError(known)}\n`)
  return 2
}

/** What follows `--` is the target's. */
function argumentsEnd(): number {
  const end = process.argv.indexOf('--')
  return end < 0 ? process.argv.length : end
}

/** Commander's own complaints in our words; anything else is a bug of ours. */
function translate(error: unknown): HoldupError {
  if (!(error instanceof CommanderError)) return toHoldupError(error)
  const command = verb() ?? program
  const name = command === program ? '' : command.name()
  const said = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  switch (error.code) {
    case 'commander.help':
    case 'commander.unknownCommand':
      return new HoldupError('unknown-command', {
        given: said || (given[1] ?? ''),
        known: program.commands.map((each) => each.name()),
      })
    case 'commander.unknownOption': {
      const known = command.options.flatMap((option) => option.long ?? [])
      return new HoldupError('unknown-option', { given: said, verb: name, known })
    }
    case 'commander.excessArguments': {
      const takes = command.registeredArguments.map((each) => `<${each.name()}>`).join(' and ')
      const extra = command.args[command.registeredArguments.length] ?? ''
      return new HoldupError('too-many-arguments', { verb: name, takes: takes || 'no arguments', extra })
    }
    case 'commander.optionMissingArgument':
      return new HoldupError('option-value-missing', { verb: name, option: said })
    default:
      return new HoldupError('argument-missing', { verb: name, argument: said })
  }
}

function verb(): Command | undefined {
  return program.commands.find((command) => command.name() === verbGiven)
}
