import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Fixture } from './fixture.ts'

/** A way to run the fixture's server: bare, or under a tool. */
export interface Variant {
  name: string
  /** What it may cost: the upper bound of its ratio over bare/bare's upper bound. Only holdup is held to one. */
  allowance?: number
  /** Whether the time to its reports is measured too. */
  reports?: boolean
  /** `collect`: without making reports at its end, where the tool can. */
  command(fixture: Fixture, mode: 'collect' | 'report'): string[]
  /** What its processes get in their environment beside what all get. */
  env?: NodeJS.ProcessEnv
  /** Why it cannot be run here. */
  missing?(): string | undefined
}

/** The built CLI. */
export const HOLDUP = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const PEERS = fileURLToPath(new URL('../peers', import.meta.url))

export const BARE: Variant = { name: 'bare', command: ({ runScript }) => [runScript] }

export const VARIANTS: readonly Variant[] = [
  BARE,
  holdup('holdup-no-profile', 0.02, ['--cpu-profile', 'off']),
  { ...holdup('holdup', 0.05, []), reports: true },
  attached('attached-no-profile', 0.02, ['--cpu-profile', 'off']),
  attached('attached', 0.05, []),
  {
    name: '0x',
    reports: true,
    command: ({ serverScript }, mode) => [
      process.execPath,
      `${PEERS}/node_modules/0x/cmd.js`,
      ...(mode === 'collect' ? ['--collect-only'] : []),
      '--',
      'node',
      serverScript,
    ],
    missing: () => peerMissing('0x'),
  },
  {
    name: 'clinic-doctor',
    reports: true,
    command: ({ serverScript }, mode) => [
      process.execPath,
      `${PEERS}/node_modules/clinic/bin.js`,
      'doctor',
      mode === 'collect' ? '--collect-only' : '--open=false',
      '--',
      'node',
      serverScript,
    ],
    missing: () => peerMissing('clinic'),
  },
]

function holdup(name: string, allowance: number, options: string[]): Variant {
  return {
    name,
    allowance,
    command: ({ runScript }) => [
      process.execPath,
      HOLDUP,
      'run',
      ...options,
      '--quiet',
      '-o',
      'reports',
      '--',
      runScript,
    ],
    missing: whyNotBuilt,
  }
}

/** Starts as bare does, and is attached to once it serves. */
function attached(name: string, allowance: number, options: string[]): Variant {
  const attach = [process.execPath, HOLDUP, 'attach', ...options, '--quiet', '-o', 'reports']
  return {
    name,
    allowance,
    // The shell becomes holdup: the server is its child, as at a launch.
    command: ({ runScript }) => [
      'sh',
      '-c',
      'serve=$1; shift; "$serve" & sleep 3; exec "$@" $!',
      'sh',
      runScript,
      ...attach,
    ],
    missing: whyNotBuilt,
  }
}

function whyNotBuilt(): string | undefined {
  return existsSync(HOLDUP) ? undefined : 'not built: npm run build'
}

/** Installs the peers on their first use. */
function peerMissing(name: string): string | undefined {
  const installed = () => existsSync(`${PEERS}/node_modules/${name}/package.json`)
  if (installed()) return undefined
  process.stderr.write(`installing the peers in bench/peers …\n`)
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: PEERS,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return status === 0 && installed() ? undefined : `npm ci in bench/peers failed (exit ${status})`
}
