import { existsSync } from 'node:fs'
import { packageFile } from '../../package-file.ts'

/** The native agent for this machine, or null where it is not built (`npm run build` with a C compiler) or not Linux. */
export function agentFile(): string | null {
  if (process.platform !== 'linux') return null
  const path = packageFile(`dist/agents/native/${process.arch}.so`)
  return existsSync(path) ? path : null
}
