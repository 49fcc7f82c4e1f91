import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Bytes, Seconds } from '../../src/units.ts'

const LOOK_MS = 20

/** Runs holdup to its end. Throws when it fails. `peakBytes`: the most memory that it had. */
export async function watchedHoldup(args: readonly string[]): Promise<{ seconds: Seconds; peakBytes: Bytes }> {
  const began = performance.now()
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  let peakBytes = 0
  const looking = setInterval(() => {
    try {
      const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1]
      peakBytes = Math.max(peakBytes, Number(kilobytes ?? 0) * 1024)
    } catch {
      // It has just ended.
    }
  }, LOOK_MS)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearInterval(looking)
  if (code !== 0) throw new Error(`holdup ${args[0]} ended with ${code}`)
  return { seconds: (performance.now() - began) / 1000, peakBytes }
}
