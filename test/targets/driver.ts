/** The launcher with no more around it than passing signals on; logs to DRIVER_LOG, ends its target on SIGUSR2. */
import { appendFileSync } from 'node:fs'
import { HoldupError } from '../../src/errors.ts'
import { launch, type LaunchOptions } from '../../src/targets/launch.ts'
import { PASSED_SIGNALS } from '../../src/targets/pass-signal.ts'
import type { DriverEvent } from '../support/process.ts'

const { DRIVER_LOG = '', DRIVER_STDOUT = 'inherit', DRIVER_GRACE_MS = '5000', ...env } = process.env
const log = (event: DriverEvent) => appendFileSync(DRIVER_LOG, `${JSON.stringify(event)}\n`)

try {
  const target = await launch(process.argv.slice(2), { env, stdout: DRIVER_STDOUT as LaunchOptions['stdout'] })
  for (const signal of PASSED_SIGNALS) {
    process.on(signal, () => {
      log({ got: signal })
      target.passSignal(signal)
    })
  }
  let ended: Promise<void> = Promise.resolve()
  process.on('SIGUSR2', () => {
    log({ processes: target.tree.list() })
    ended = target.terminate(Number(DRIVER_GRACE_MS)).then(() => log({ terminated: true }))
  })
  log({ launched: { pid: target.pid, shared: target.sharesTerminal, driver: process.pid } })
  // What ends the target before SIGUSR2 is looked for among what it leaves behind.
  const listing = setInterval(() => target.tree.list(), 100)
  const exit = await target.exited
  log({ exit })
  await ended
  if (process.env['DRIVER_STAYS'] !== '1') clearInterval(listing)
} catch (error) {
  if (!(error instanceof HoldupError)) throw error
  const { code, what, why } = error
  log({ error: { code, what, why, try: error.try } })
  process.exitCode = error.exitCode
}
