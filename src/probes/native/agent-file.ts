import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The native agent for this machine, or null where it is not built (`npm run build` with a C compiler) or not Linux. */
export function agentFile(): string | null {
  if (process.platform !== 'linux') return null
  const path = fileURLToPath(new URL(`../../../dist/agents/native/${process.arch}.so`, import.meta.url))
  return existsSync(path) ? path : null
}
