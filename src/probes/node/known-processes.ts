import { readlinkSync } from 'node:fs'
import { identifyRuntime } from '../../targets/identify.ts'
import { readStat } from '../../targets/proc-listing.ts'
import type { TargetProcess } from '../probe.ts'

/** Node catches SIGUSR1 some 20 ms after its start, on a busy machine several times that; until then it is not sure either what runs there. */
const YOUNG_MS = 2000

/** A process as long as it runs one program. */
export interface KnownProcess {
  /** Ticks from boot to its start: with the pid it names a process for good. */
  start: number
  executable: string
  /** By performance.now(); -Infinity: it was there when the attach began. */
  since: number
  isNode: boolean | null
  tried: boolean
  inside: boolean
}

/** What is known of the processes of a target, which may come and go for hours. */
export class KnownProcesses {
  #known = new Map<number, KnownProcess>()
  #begun = false

  /** Each of these with what is known of it; what is known of others is forgotten. */
  look(processes: readonly TargetProcess[]): { pid: number; command: string; known: KnownProcess }[] {
    const looked = processes.flatMap(({ pid, command }) => {
      const known = this.get(pid)
      return known ? [{ pid, command, known }] : []
    })
    this.#known = new Map(looked.map(({ pid, known }) => [pid, known]))
    this.#begun = true
    return looked
  }

  /** null: it has gone. */
  get(pid: number): KnownProcess | null {
    const start = readStat(pid)?.start
    if (start === undefined) return null
    const executable = executableOf(pid)
    const known = this.#known.get(pid)
    if (known?.start === start && known.executable === executable) return known
    const since = this.#begun ? performance.now() : -Infinity
    const fresh = { start, executable, since, isNode: null, tried: false, inside: false }
    this.#known.set(pid, fresh)
    return fresh
  }
}

/** It may still become another program, or has not set up its signals yet. */
export function isYoung({ since }: KnownProcess): boolean {
  return performance.now() - since < YOUNG_MS
}

/** Whether Node runs there; looked for once, when it is no longer young. */
export function runsNode({ pid, command, known }: { pid: number; command: string; known: KnownProcess }): boolean {
  if (known.isNode !== null) return known.isNode
  const isNode = identifyRuntime(pid, command) === 'node'
  if (!isYoung(known)) known.isNode = isNode
  return isNode
}

function executableOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
  } catch {
    return ''
  }
}
