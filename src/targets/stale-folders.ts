import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Milliseconds } from '../units.ts'

/**
 * Takes away what a holdup that was killed left behind in `base`: folders whose name begins with `prefix` and which nobody has touched
 * for so long. `staleAfter` is given what follows the prefix.
 */
export function removeStaleFolders(base: string, prefix: string, staleAfter: (rest: string) => Milliseconds): void {
  for (const name of readdirSync(base)) {
    if (!name.startsWith(prefix)) continue
    const folder = join(base, name)
    try {
      const age = Date.now() - lstatSync(folder).mtimeMs
      if (age > staleAfter(name.slice(prefix.length))) rmSync(folder, { recursive: true, force: true })
    } catch {
      // Another user's, or gone by now.
    }
  }
}
