import { HoldupError } from '../errors.ts'
import { meantProcesses } from './meant-processes.ts'
import { onlyOne } from './only-one.ts'
import { processFacts } from './process-facts.ts'
import { othersHidden, type RunningProcess, runningProcesses } from './running-processes.ts'

type Matches = (name: string, each: RunningProcess) => boolean

/** From the closest to the loosest. `server.js` is rather `/app/server.js` than `/app/old-server.js` or `/server.js/run`. */
const CLOSENESS: readonly Matches[] = [
  (name, each) => names(each).includes(name) || each.argv.some((word) => word.toLowerCase() === name),
  (name, each) => names(each).some((each) => each.includes(name)),
  (name, each) => each.argv.join(' ').toLowerCase().includes(name),
]

/**
 * The pid of the process whose command line holds that name, in whatever case: as a word, as the last part of a path, as
 * the program's own name, or else as a piece of these or of the whole. Needs `procAvailable()`. Throws HoldupError `no-such-name` or `target-ambiguous`.
 */
export function findByName(given: string): number {
  const running = runningProcesses()
  const name = given.toLowerCase()
  for (const matches of name === '' ? [] : CLOSENESS) {
    const meant = meantProcesses(
      [...running.values()].filter((each) => matches(name, each)),
      running,
    )
    // Another user's is meant only where none of ours is.
    const ours = meant.filter(({ pid }) => processFacts(pid)?.descriptorsReadable)
    if (meant.length > 0) return onlyOne(ours.length > 0 ? ours : meant, { option: '--name', value: given })
  }
  throw new HoldupError('no-such-name', { name: given, looked: running.size, hidden: othersHidden() })
}

/** The program's own name and the last part of each word. */
function names({ argv, comm }: RunningProcess): string[] {
  return [comm, ...argv.map((word) => word.slice(word.lastIndexOf('/') + 1))].map((name) => name.toLowerCase())
}
