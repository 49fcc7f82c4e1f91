import { HoldupError, quoteArgument } from '../errors.ts'
import { procAvailable } from '../probes/proc/available.ts'
import { findByName } from './find-by-name.ts'
import { findByPid } from './find-by-pid.ts'
import { findByPort } from './find-by-port.ts'

/** What a user gives to name a running process. */
export type Selector = { pid: number } | { port: number } | { name: string }

/**
 * The pid of the process that is meant; its children are recorded with it.
 *
 * @throws {HoldupError} `no-such-pid`, `target-zombie`, `nobody-listens`, `no-such-name`, `target-ambiguous` or
 *   `needs-proc`.
 */
export function findTarget(selector: Selector): number {
  if ('pid' in selector) return findByPid(selector.pid)
  const byPort = 'port' in selector
  if (!procAvailable()) {
    const option = byPort ? '--port' : '--name'
    const value = byPort ? String(selector.port) : quoteArgument(selector.name)
    throw new HoldupError('needs-proc', {
      verb: `attach ${option}`,
      reason: whyNoProc(),
      instead:
        process.platform === 'linux'
          ? `env -u HOLDUP_NO_PROC holdup attach ${option} ${value}`
          : byPort
            ? `lsof -nP -iTCP:${value} -sTCP:LISTEN`
            : `pgrep -fl ${value}`,
    })
  }
  return byPort ? findByPort(selector.port) : findByName(selector.name)
}

/** Why there is no /proc, for a user to read. */
export function whyNoProc(): string {
  if (process.platform !== 'linux') return 'this system has no /proc to find it by'
  return process.env['HOLDUP_NO_PROC'] === '1' ? 'HOLDUP_NO_PROC=1 switches /proc off' : '/proc is not mounted'
}
