import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Microseconds, Seconds } from '../../../src/units.ts'
import { ORDINARY_USER } from '../truth/tiers.ts'
import type { NativeVariant } from './variants.ts'

/** One run of a program from its start to its end. */
export interface NativeSlice {
  /** What it did, as it counted itself, and its CPU for each. */
  operations: number
  cpuUs: Microseconds
  /** Its own figures. */
  truth: Record<string, number>
}

/** Tells its pid, waits, and tells what CPU its child has used (bash(1), `times`: user and system, to the millisecond). */
const TIMED = '"$@" & echo "pid $!"; wait; times'
const TIME = /(\d+)m([\d.]+)s/g

/** Runs the program for so long as another user than root where it is attached to, so that this has no more rights than that. */
export async function nativeSlice(
  variant: NativeVariant,
  program: string,
  env: NodeJS.ProcessEnv,
  seconds: Seconds,
): Promise<NativeSlice> {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-'))
  chmodSync(folder, 0o777)
  const as = variant.way === 'attached' ? ORDINARY_USER : []
  const command = variant.way === 'before' ? variant.command(join(folder, 'recorded'), 0) : []
  const [file, ...args] = [...command, ...as, 'bash', '-c', TIMED, 'timed', program]
  const child = spawn(file, args, {
    env: { ...process.env, DURATION: String(seconds), ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let said = ''
  let tool: ReturnType<typeof spawn> | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`
    const pid = /^pid (\d+)/.exec(line)?.[1]
    if (variant.way === 'before' || pid === undefined) continue
    const [beside = '', ...rest] = [
      ...(variant.asRoot ? [] : as),
      ...variant.command(join(folder, 'recorded'), Number(pid)),
    ]
    tool = spawn(beside, rest, { stdio: 'ignore' })
  }
  if (tool && tool.exitCode === null) await once(tool, 'exit')
  rmSync(folder, { recursive: true })
  const truth = JSON.parse(/TRUTH (.*)/.exec(said)?.[1] ?? '{}') as Record<string, number>
  const [, , user = 0, system = 0] = [...said.matchAll(TIME)].map(([, m, s]) => Number(m) * 60 + Number(s))
  const operations = truth['operations'] ?? 0
  return { operations, cpuUs: ((user + system) * 1e6) / operations, truth }
}
