import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { isGoProgram } from './go-program.ts'

/** What runs a process' code. The Node agent reports its version itself: holdup never starts a target's binary to ask. */
export type Runtime = 'node' | 'native' | 'jvm' | 'python' | 'go' | 'unknown'

const BY_NAME: [RegExp, Runtime][] = [
  [/^node(js)?(-?[\d.]+)?$/i, 'node'],
  [/^javaw?$/, 'jvm'],
  [/^(python|pypy)[\d.]*$/i, 'python'],
]
/** A program with another name that carries the runtime as a library. */
const BY_LIBRARY: [RegExp, Runtime][] = [
  [/\/libnode\.so/, 'node'],
  [/\/libjvm\.so/, 'jvm'],
  [/\/libpython[\d.]+\.so/, 'python'],
]

/**
 * The runtime of a process, from its executable and the libraries it has mapped; without /proc from the first word of
 * its command line.
 */
export function identifyRuntime(pid: number, command: string): Runtime {
  const executable = tryRead(() => readlinkSync(`/proc/${pid}/exe`))?.replace(/ \(deleted\)$/, '')
  if (executable === undefined) return match(BY_NAME, basename(command.split(' ', 1)[0] ?? '')) ?? 'unknown'
  return (
    match(BY_NAME, basename(executable)) ??
    match(BY_LIBRARY, tryRead(() => readFileSync(`/proc/${pid}/maps`, 'latin1')) ?? '') ??
    (isGoProgram(`/proc/${pid}/exe`) ? 'go' : 'native')
  )
}

function match(table: [RegExp, Runtime][], text: string): Runtime | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1]
}

function tryRead(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
