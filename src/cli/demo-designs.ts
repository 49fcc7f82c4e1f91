import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HoldupError } from '../errors.ts'
import { packageFile } from '../package-file.ts'

const FIXTURES = packageFile('fixtures/')
/** The story, in its order. */
export const NODE_DESIGNS = ['mutex-pool', 'thread-per-query', 'async']
const RUST_DESIGNS = ['mutex-pool', 'thread-per-query', 'tokio']
/** Name of the demo in Rust. */
export const ARTICLE = 'article'

/** One design of the search service. */
export interface Design {
  name: string
  command: readonly string[]
}

/** The designs that a demo of this name records. Throws HoldupError for another name, and where what it needs is missing. */
export function designsOf(name: string | undefined): Design[] {
  if (name === undefined) return NODE_DESIGNS.map(inNode)
  if (NODE_DESIGNS.includes(name)) return [inNode(name)]
  if (name === ARTICLE) return RUST_DESIGNS.map(inRust)
  throw new HoldupError('bad-option-value', {
    option: 'demo',
    given: name,
    allowed: [ARTICLE, ...NODE_DESIGNS],
    instead: 'holdup demo',
  })
}

function inNode(name: string): Design {
  return { name, command: [process.execPath, join(FIXTURES, 'node', name, 'server.mjs')] }
}

/** Built before it is recorded. */
function inRust(name: string): Design {
  const script = join(FIXTURES, 'rust', 'build.sh')
  if (!existsSync(script))
    throw new HoldupError('command-not-found', {
      command: script,
      reason: "the services in Rust are not in holdup's package, only in its repository",
      instead: 'holdup demo',
    })
  process.stderr.write(`building ${name} …\n`)
  const { status, stdout } = spawnSync(script, [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0)
    throw new HoldupError('command-not-found', {
      command: 'cargo',
      reason: `building ${name} in Rust ended with ${status}: it needs Rust 1.87 or newer`,
      instead: 'cargo --version',
    })
  return { name, command: [stdout.trim()] }
}
