import { spawn, spawnSync } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '../../src/load/messages.ts'
import type { Milliseconds } from '../../src/units.ts'
import type { Traces } from './traces.ts'
import { HOLDUP } from './variants.ts'

const CLEAN_WITHIN_MS = 3000
/** What was on its way when holdup died comes later: clean is what stays so for this long. */
const STAYS_CLEAN_MS = 300
const LOOK_EVERY_MS = 50
const ANSWER_WITHIN_MS = 5000

/** What a kill found, and what it left. */
export interface Kill {
  afterMs: Milliseconds
  phase: 'before' | 'inspector open' | 'agent inside'
  /** From the kill on; null when something was left. */
  cleanMs: Milliseconds | null
  /** What was left after the time it had. */
  left: string[]
  /** What no longer is as before. */
  harmed: string[]
  recording: 'none' | 'reads' | 'unreadable'
}

export interface KillTarget {
  pid: number
  url: string
  /** What `url` answers. */
  body: string
  traces: Traces
}

/** Starts `holdup attach`, kills it after so long, and looks at what is left in the target and on the disk. */
export async function killAttach(target: KillTarget, afterMs: Milliseconds, folder: string): Promise<Kill> {
  const { pid, traces } = target
  const child = spawn(process.execPath, [HOLDUP, 'attach', String(pid), '-d', '60s', '--quiet', '-o', folder], {
    stdio: 'ignore',
  })
  await sleep(afterMs)
  const phase = traces.inspectorOpen ? 'inspector open' : traces.agentInside ? 'agent inside' : 'before'
  child.kill('SIGKILL')
  const killedAt = monotonicMs()
  const kill: Kill = {
    afterMs,
    phase,
    ...(await cleanAfter(traces, killedAt)),
    harmed: await harmTo(target),
    recording: recordingIn(folder),
  }
  rmSync(folder, { recursive: true, force: true })
  return kill
}

async function cleanAfter(traces: Traces, killedAt: Milliseconds): Promise<Pick<Kill, 'cleanMs' | 'left'>> {
  let cleanSince: Milliseconds | null = null
  for (;;) {
    await sleep(LOOK_EVERY_MS)
    const now = monotonicMs()
    const left = traces.find(killedAt)
    if (left.length > 0) cleanSince = null
    else cleanSince ??= now
    if (cleanSince !== null && now - cleanSince >= STAYS_CLEAN_MS) return { cleanMs: cleanSince - killedAt, left: [] }
    if (cleanSince === null && now - killedAt > CLEAN_WITHIN_MS) return { cleanMs: null, left }
  }
}

async function harmTo({ url, body }: KillTarget): Promise<string[]> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    const text = await response.text()
    return response.status === 200 && text === body ? [] : [`answers ${response.status} ${text.slice(0, 80)}`]
  } catch (error) {
    return [`does not answer: ${String(error)}`]
  }
}

function recordingIn(folder: string): Kill['recording'] {
  const path = join(folder, 'recording.ndjson')
  // Made, and killed before its first line.
  if (!existsSync(path) || statSync(path).size === 0) return 'none'
  const { status } = spawnSync(process.execPath, [HOLDUP, 'report', path], { stdio: 'ignore' })
  return status === 0 ? 'reads' : 'unreadable'
}
