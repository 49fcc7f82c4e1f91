import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** `engines` of package.json. */
const OLDEST_NODE = [20, 19] as const

/** What is needed to see a Node target from inside. */
export function nodeChecks(machine: Machine): Check[] {
  return [nodeVersion(machine), agent(machine), pipe(machine)]
}

function nodeVersion({ nodeVersion: version }: Machine): Check {
  const what = 'Node.js'
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]))
    return { what, state: 'ok', means: `${version} runs holdup; targets may use another, from 20.16 or 22.3 on` }
  return {
    what,
    state: 'degraded',
    means: `${version} runs holdup, must be ${OLDEST_NODE.join('.')} or newer: parts of it may fail`,
    command: 'nvm install --lts',
    but: `its Node.js ${version} is too old`,
  }
}

function agent({ agentBuilt }: Machine): Check {
  const what = 'Node agent'
  if (agentBuilt) return { what, state: 'ok', means: 'event loop, locks, workers, HTTP, CPU profile of Node targets' }
  return {
    what,
    state: 'missing',
    means: 'it is not built in this checkout: nothing from inside Node targets',
    command: 'npm run build',
    but: 'it sees nothing from inside Node targets',
  }
}

function pipe({ temporaryFolder, pipeFailure }: Machine): Check {
  const what = 'pipe to the agent'
  if (pipeFailure === null) return { what, state: 'ok', means: `mkfifo in ${temporaryFolder}` }
  return {
    what,
    state: 'missing',
    means: `none can be made in ${temporaryFolder} (${pipeFailure}), which must be a folder that holdup may write to, with mkfifo at hand: nothing from inside Node targets`,
    command: /mk(fifo|temp).*not found/.test(pipeFailure)
      ? 'sudo apt-get install coreutils'
      : 'TMPDIR="$HOME" holdup run -- node server.js',
    but: 'it sees nothing from inside Node targets',
  }
}
