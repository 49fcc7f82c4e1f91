import { execFile } from 'node:child_process'
import type { Milliseconds } from '../units.ts'
import { demangle } from './demangle.ts'

/** A file whose debug information takes longer than this is not asked again. */
const TIMEOUT_MS: Milliseconds = 5000
const OUTPUT_AT_MOST = 16e6
const ADDRESSES_A_CALL = 256
const KNOWN_AT_MOST = 200_000

/**
 * Names come as they are linked, for neither tool knows all of Rust's. The two write alike when asked like this: an address,
 * then pairs of lines, innermost first: function, file:line.
 */
const TOOLS: readonly [string, (file: string) => string[]][] = [
  ['llvm-symbolizer', (file) => ['--output-style=GNU', '--no-demangle', '-a', '-f', '-i', `--obj=${file}`]],
  ['addr2line', (file) => ['-a', '-f', '-i', '-e', file]],
]

/** One of the functions that an address belongs to; `place` is `file:line`, '' where unknown. */
export interface SourceFrame {
  name: string
  place: string
}

export interface WantedLine {
  /** That has debug information. */
  file: string
  /** As linked in that file. */
  linked: number
}

/** Source lines by llvm-symbolizer or addr2line, whichever is installed, asked in batches beside everything else. */
export class SourceLines {
  readonly #known = new Map<string, readonly SourceFrame[]>()
  readonly #slow = new Set<string>()
  #tool = 0

  /** Innermost first; null where not asked for, or not to be had. */
  known(file: string | null, linked: number): readonly SourceFrame[] | null {
    const frames = this.#known.get(`${linked} ${file}`)
    return frames && frames.length > 0 ? frames : null
  }

  /** Never rejects: what cannot be had stays unknown. */
  async resolve(wanted: readonly WantedLine[]): Promise<void> {
    const byFile = new Map<string, Set<number>>()
    for (const { file, linked } of wanted) {
      if (this.#known.has(`${linked} ${file}`) || this.#slow.has(file) || this.#known.size > KNOWN_AT_MOST) continue
      byFile.set(file, (byFile.get(file) ?? new Set()).add(linked))
    }
    for (const [file, addresses] of byFile) await this.#ask(file, [...addresses].slice(0, ADDRESSES_A_CALL))
  }

  async #ask(file: string, addresses: readonly number[]): Promise<void> {
    const tool = TOOLS[this.#tool]
    if (!tool) return
    const [command, args] = tool
    const outcome = await run(command, [...args(file), ...addresses.map((address) => `0x${address.toString(16)}`)])
    if (outcome.missing) {
      this.#tool++
      return this.#ask(file, addresses)
    }
    if (outcome.output === null) this.#slow.add(file)
    const found = parseSourceLines(outcome.output ?? '')
    addresses.forEach((address, i) => this.#known.set(`${address} ${file}`, found[i] ?? []))
  }
}

/** `output` is null where it failed or took too long. */
function run(command: string, args: readonly string[]): Promise<{ output: string | null; missing: boolean }> {
  return new Promise((resolve) => {
    // Neither may go and fetch debug information from the network.
    const env = { ...process.env, DEBUGINFOD_URLS: '' }
    const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: OUTPUT_AT_MOST, env } as const
    execFile(command, args, options, (error, stdout) => {
      resolve({ output: error ? null : stdout, missing: error?.code === ('ENOENT' as unknown) })
    })
  })
}

/** What the tools write: the frames of each address in the order asked; none where they know no line. */
export function parseSourceLines(output: string): SourceFrame[][] {
  return output
    .split(/^0x[\da-f]+$/m)
    .slice(1)
    .map((section) => {
      const lines = section.trim().split('\n')
      const frames: SourceFrame[] = []
      for (let i = 0; i + 1 < lines.length; i += 2) frames.push(frameOf(lines[i] ?? '', lines[i + 1] ?? ''))
      return frames.some(({ place }) => place !== '') ? frames : []
    })
}

function frameOf(name: string, place: string): SourceFrame {
  const bare = place.replace(/ \(discriminator \d+\)$/, '').replace(/:(0|\?)(:0)?$/, '')
  return { name: name === '??' ? '(unknown)' : demangle(name), place: bare === '??' ? '' : bare }
}
