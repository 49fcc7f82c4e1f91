import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../src/cli/free-port.ts'
import type { Milliseconds, Ratio, Seconds } from '../../../src/units.ts'
import type { Verdict } from '../verdict.ts'
import { build } from './programs.ts'
import type { Recorded } from './recorded.ts'
import { holdup, inFolder } from './tiers.ts'
import { percent, verdict } from './verdict.ts'

const LONGEST_MS: Milliseconds = 1
const REQUESTS: Ratio = 0.01
const FIXTURES = new URL('../../../fixtures/', import.meta.url)

/** A server that blocks its loop for 5, 20 and 80 ms in turn, on every 20th request. */
interface Server {
  name: string
  command: () => string[]
}

export const SERVERS: readonly Server[] = [
  {
    name: 'Tokio',
    command: () => [build({ name: 'Tokio', language: 'rust', binary: 'tokio' })],
  },
  {
    name: 'Node',
    command: () => [process.execPath, fileURLToPath(new URL('node/micro/stalls.mjs', FIXTURES))],
  },
]

/** Records one with the native agent alone, also in Node, under a client that asks one thing at a time. */
export function recordTurns({ command }: Server, seconds: Seconds): Promise<Recorded> {
  return inFolder(async (folder, truthFile) => {
    const port = String(await freePort())
    const env = { PORT: port, WORKERS: '1', STALL_MS: '5,20,80', STALL_EVERY: '20', TRUTH_FILE: truthFile }
    const load = ['--load', `http://127.0.0.1:${port}/search?q=tree`, '-c', '1']
    const options = ['--probes', 'proc,native', '-d', `${seconds}s`, '--quiet', '-o', join(folder), ...load]
    await holdup([], ['run', ...options, '--', ...command()], env)
  })
}

/** Its loop turns, and its requests against the client's. */
export function turnVerdicts({ name }: Server, { source, lines, signals }: Recorded): Verdict[] {
  const of = `${name}, stalls of 5, 20, 80 ms · launch`
  const truth = lines.at(-1)
  const [first] = source.of('native')
  const loops = source.of('native-loop').filter(({ pid, poll }) => pid === first?.pid && poll === 'epoll')
  const longestMs = Math.max(...loops.map(({ max }) => max))
  const over = loops.reduce((sum, record) => sum + record.over10Ms, 0)
  const off = longestMs - (truth?.['loop_turn_max_ms'] ?? 0)
  const requests = source.of('native-requests').reduce((sum, record) => sum + record.requests, 0)
  const asked = signals.http?.requests ?? 0
  return [
    verdict(of, Math.abs(off) <= LONGEST_MS, `longest turn ${longestMs.toFixed(2)} ms, off by ${off.toFixed(2)} ms`),
    verdict(
      of,
      over === truth?.['loop_turns_over_10_ms'],
      `turns of 10 ms and more ${over} of ${truth?.['loop_turns_over_10_ms']}`,
    ),
    verdict(of, Math.abs(requests / asked - 1) <= REQUESTS, `requests ${requests}, ±${percent(REQUESTS)} of ${asked}`),
  ]
}
