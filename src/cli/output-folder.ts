import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { HoldupError } from '../errors.ts'
import { writeError } from '../recording/write-error.ts'

/** Runs another program: the name worth having is its script's. */
const RUNNERS = /^(node|nodejs|npm|npx|pnpm|yarn|sh|bash|env|tsx|bun|deno|run|exec|start|run-script)$/

/** Makes the folder that a run writes to, by default `reports/<name>-<time>`. Throws HoldupError `output-not-writable`. */
export function makeOutputFolder(given: string | undefined, command: readonly string[], at: Date): string {
  if (given === '')
    throw new HoldupError('bad-option-value', {
      option: '--output',
      given,
      allowed: ['a folder'],
      example: 'reports/server',
    })
  let path = resolve(given ?? join('reports', `${nameOf(command)}-${stamp(at)}`))
  const named = path
  try {
    if (given !== undefined) makeFolder(path)
    // Of several that begin in one second each has a folder of its own.
    else for (let n = 2; !makeFolder(path); n++) path = `${named}-${n}`
    accessSync(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw writeError(path, error)
  }
  return path
}

/**
 * With those above it; false where it was there. Node's own `recursive` never returns where a file system says that its root is not
 * there, as /proc does.
 */
function makeFolder(path: string): boolean {
  if (!existsSync(dirname(path))) makeFolder(dirname(path))
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (!statSync(path).isDirectory())
    throw new HoldupError('output-not-writable', { path, reason: 'it is a file, not a folder' })
  return false
}

/** `server` of `node --flag dist/server.js --port 1`. */
export function nameOf(command: readonly string[]): string {
  const words = command
    .filter((word) => !word.startsWith('-'))
    .map((word) => basename(word).replace(/\.[cm]?[jt]s$/, ''))
  const name = words.find((word) => word !== '' && !RUNNERS.test(word)) ?? words[0] ?? 'run'
  return name.replace(/[^\w.-]+/g, '-').slice(0, 40)
}

/** `20261123-141502`, local time. */
function stamp(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const date = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`
  return `${date}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`
}
