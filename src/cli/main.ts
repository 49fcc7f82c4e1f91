#!/usr/bin/env node
import { CommanderError } from 'commander'
import type { Command } from 'commander'
import { HoldupError, renderError, toHoldupError } from '../errors.ts'
import { createProgram } from './program.ts'
import { sweepLeftovers } from './sweep-leftovers.ts'

// A reader that leaves early (`| head`) has what it wanted.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Who is writing may know better what any other error means.
    if (error.code !== 'EPIPE' && stream.listenerCount('error') === 1) throw error
  })
}

await sweepLeftovers()
const program = await createProgram(process.argv[2])
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
  const known = error instanceof HoldupError ? error : translate(error)
  if (process.argv.slice(2, argumentsEnd()).includes('--json'))
    process.stdout.write(`${JSON.stringify({ error: known })}\n`)
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
  const verb = program.commands.find((command) => command.name() === process.argv[2])
  if (error instanceof CommanderError) {
    const given = /'([^']*)'/.exec(error.message)?.[1] ?? ''
    if (error.code === 'commander.help' || error.code === 'commander.unknownCommand') {
      return new HoldupError('unknown-command', { given, known: program.commands.map((command) => command.name()) })
    }
    if (error.code === 'commander.unknownOption') {
      const known = (verb ?? program).options.flatMap((option) => option.long ?? [])
      return new HoldupError('unknown-option', { given, verb: verb?.name() ?? '', known })
    }
    return new HoldupError('argument-missing', { verb: verb?.name() ?? '', argument: given })
  }
  return toHoldupError(error)
}
