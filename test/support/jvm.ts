/** JVMs for tests: the fixtures, their recordings and what the JDK's own tools say of them. */
import { execFileSync } from 'node:child_process'
import { freePort } from '../../src/cli/free-port.ts'
import { LoadDriver } from '../../src/load/load-driver.ts'
import { readRequestsFile } from '../../src/load/requests-file.ts'
import { waitForUrl } from '../../src/load/wait-for-url.ts'
import { QUERIES } from './fixture.ts'
import { type RunningNative, startNative } from './native-fixture.ts'

/** Starts a service of fixtures/java under load. */
export async function startJava(name: string, connections = 16): Promise<RunningNative & { load: LoadDriver }> {
  const port = await freePort()
  const service = await startNative(`java/${name}`, { PORT: String(port) })
  const url = `http://127.0.0.1:${port}/search?q=tree`
  await waitForUrl(url, { timeoutMs: 30_000, alive: () => true })
  const load = new LoadDriver()
  await load.drive({ url, connections, paths: await readRequestsFile(QUERIES) })
  return { ...service, load }
}

/** What jcmd says. */
export function jcmd(pid: number, ...command: string[]): string {
  return execFileSync('jcmd', [String(pid), ...command], { encoding: 'utf8' })
}
