import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { HoldupError, quoteArgument } from '../errors.ts'

const SHEBANG_BYTES = 256

/** Why the target did not start, from what the system said and what lies on the disk. */
export function startError(error: unknown, command: readonly string[], env: NodeJS.ProcessEnv): Error {
  const { code, message } = error as NodeJS.ErrnoException
  const [name = '', ...args] = command
  const cause = { cause: error }
  if (code === 'ENOENT') return notFound(name, args, cause)
  if (code === 'EACCES' || code === 'EPERM') return notExecutable(name, args, env, cause)
  const reason =
    code === 'E2BIG'
      ? `its arguments and environment (${argumentBytes(command, env)} bytes) are more than the system takes`
      : code === 'EAGAIN'
        ? 'the system allows this user no further process (see: ulimit -u)'
        : message
  return new HoldupError('not-started', { command: name, reason }, cause)
}

function notFound(name: string, args: readonly string[], cause: ErrorOptions): HoldupError {
  // A missing working folder looks to the system like a missing command.
  if (!workingFolderExists())
    return new HoldupError('not-started', { command: name, reason: 'the folder holdup runs in is gone' }, cause)
  if (name.includes('/')) {
    const interpreter = interpreterOf(name)
    return new HoldupError(
      'command-not-found',
      interpreter === null
        ? { command: name }
        : {
            command: name,
            reason: `its first line names ${interpreter}, which is not there`,
            instead: `head -n 1 ${quoteArgument(name)}`,
          },
      cause,
    )
  }
  const here = `./${name}`
  return new HoldupError(
    'command-not-found',
    isFile(here) ? { command: name, instead: runInstead(here, args) } : { command: name },
    cause,
  )
}

function notExecutable(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cause: ErrorOptions,
): HoldupError {
  const file = name.includes('/') ? name : onPath(name, env)
  const facts = statOf(file)
  if (facts?.isDirectory())
    return new HoldupError(
      'not-executable',
      { command: name, reason: 'it is a folder', instead: `ls ${quoteArgument(file)}` },
      cause,
    )
  if (facts === null || mayExecute(file))
    return new HoldupError(
      'not-executable',
      { command: name, reason: 'the system does not permit to execute it', instead: `ls -l ${quoteArgument(file)}` },
      cause,
    )
  const script = /\.[cm]?js$/.test(file)
  return new HoldupError(
    'not-executable',
    script ? { command: file, instead: runInstead('node', [file, ...args]) } : { command: file },
    cause,
  )
}

/** The command as it should have been, its arguments cut where they would fill the terminal. */
function runInstead(name: string, args: readonly string[]): string {
  const shown = args.slice(0, 4).map(quoteArgument).join(' ').slice(0, 80)
  return `holdup run -- ${quoteArgument(name)} ${shown}`.trimEnd()
}

function onPath(name: string, env: NodeJS.ProcessEnv): string {
  const folders = (env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find(isFile) ?? name
}

/** The interpreter in a script's first line. */
function interpreterOf(file: string): string | null {
  let fd
  try {
    fd = openSync(file, 'r')
    const buffer = Buffer.alloc(SHEBANG_BYTES)
    const head = buffer.toString('latin1', 0, readSync(fd, buffer, 0, SHEBANG_BYTES, 0))
    return /^#!\s*(\S+)/.exec(head)?.[1] ?? null
  } catch {
    return null
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function workingFolderExists(): boolean {
  try {
    return statOf(process.cwd()) !== null
  } catch {
    return false
  }
}

function isFile(path: string): boolean {
  return statOf(path)?.isFile() ?? false
}

function statOf(path: string): ReturnType<typeof statSync> | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null
}

function mayExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function argumentBytes(command: readonly string[], env: NodeJS.ProcessEnv): number {
  const texts = [...command, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0)
}
