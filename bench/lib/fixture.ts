import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What every server under measurement is given: the code, the queries and the store are the same for all. */
export interface Fixture {
  name: string
  runScript: string
  serverScript: string
  paths: string[]
  storePort: string
}

/** Of the fixture's 500 queries every fifth: so that a slice of a second can be a number of whole rounds over them. */
const EVERY = 5
const FIXTURES = new URL('../../fixtures/node/', import.meta.url)

export function fixture(name: string, storePort: string): Fixture {
  const file = (path: string) => fileURLToPath(new URL(path, FIXTURES))
  return {
    name,
    runScript: file(`${name}/run.sh`),
    serverScript: file(`${name}/server.mjs`),
    paths: readFileSync(file('corpus/queries.txt'), 'utf8')
      .split('\n')
      .filter((path, n) => path !== '' && n % EVERY === 0),
    storePort,
  }
}

/** The document store that all the servers ask, outside of what is measured. */
export async function startStore(): Promise<{ port: string; stop: () => void }> {
  const script = fileURLToPath(new URL('lib/store.mjs', FIXTURES))
  const store = spawn(process.execPath, [script, '--until-stdin-closes'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: store.stdout }), 'line')) as [string]
  return { port: line.replace('ready ', ''), stop: () => store.stdin.end() }
}
