import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '../../src/load/messages.ts'
import type { Milliseconds } from '../../src/units.ts'
import { HOLDUP } from './variants.ts'
import { watchInspector } from './watch-inspector.ts'
import { watchRecording } from './watch-recording.ts'

/** What holdup's start, the injection and the reports take, about: a slice without an attach is to be as long as one with it. */
const AROUND_MS = 1200
/** How long a bare slice is watched for what doesn't come, so that watching costs the same in both. */
const WATCH_MS = 1000
/** USER_HZ of Linux, in which /proc counts, is 100 on all architectures that Node runs on. */
const TICK_MS = 10

/** A stretch of the steady load; times on CLOCK_MONOTONIC. */
export interface LoadSlice {
  from: Milliseconds
  to: Milliseconds
  /** CPU of the target, all of its threads, those that ended too. */
  cpuMs: Milliseconds
}

export interface AttachSlice extends LoadSlice {
  openedAt: Milliseconds
  closedAt: Milliseconds
  firstDataAt: Milliseconds
}

/** From holdup's start to its end, reports and all. */
export async function attachSlice(pid: number, folder: string, recordMs: Milliseconds): Promise<AttachSlice> {
  const cpuBefore = cpuOf(pid)
  const from = monotonicMs()
  const args = [
    HOLDUP,
    'attach',
    String(pid),
    '-d',
    `${recordMs}ms`,
    '-o',
    folder,
    ...(process.env.ATTACH_ARGS?.split(' ') ?? []),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  let ended = false
  const exit = once(child, 'close').finally(() => (ended = true))
  const isOver = () => ended
  const [opening, firstDataAt] = await Promise.all([
    watchInspector(pid, isOver),
    watchRecording(join(folder, 'recording.ndjson'), isOver),
  ])
  const [code] = (await exit) as [number | null]
  const to = monotonicMs()
  if (code !== 0 || !opening || firstDataAt === null)
    throw new Error(`holdup attach ended with ${code}, ${opening ? 'no data came' : 'no inspector opened'}: ${said}`)
  return { from, to, cpuMs: cpuOf(pid) - cpuBefore, ...opening, firstDataAt }
}

/** The same without an attach, watched alike. */
export async function bareSlice(pid: number, folder: string, recordMs: Milliseconds): Promise<LoadSlice> {
  const cpuBefore = cpuOf(pid)
  const from = monotonicMs()
  const isOver = () => monotonicMs() > from + WATCH_MS
  await Promise.all([watchInspector(pid, isOver), watchRecording(join(folder, 'none'), isOver)])
  await sleep(from + recordMs + AROUND_MS - monotonicMs())
  return { from, to: monotonicMs(), cpuMs: cpuOf(pid) - cpuBefore }
}

/** Of the process so far: threads that have ended count, as in no sum over /proc/PID/task. */
function cpuOf(pid: number): Milliseconds {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
