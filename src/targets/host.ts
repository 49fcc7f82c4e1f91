import { readFileSync } from 'node:fs'
import { arch, availableParallelism, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { kernelUnits } from '../probes/proc/auxv.ts'
import type { Header } from '../recording/schema.ts'

const MOUNT = '/sys/fs/cgroup'
const V1_MOUNTS = [join(MOUNT, 'cpu'), join(MOUNT, 'cpu,cpuacct')]
const V2_MOUNTS = [MOUNT, join(MOUNT, 'unified')]

/** The facts about this machine that a reader of the recording needs. */
export function describeHost(): Header['host'] {
  return {
    cores: availableParallelism(),
    platform: platform(),
    arch: arch(),
    kernel: release(),
    memoryBytes: totalmem(),
    cgroupCpuLimit: cgroupCpuLimit(),
    tickMs: kernelUnits().tickMs,
  }
}

/** CPUs that the control groups (v1 or v2) of this process allow it, null without a limit. */
export function cgroupCpuLimit(read: (path: string) => string | null = readText): number | null {
  const limits: number[] = []
  for (const line of (read('/proc/self/cgroup') ?? '').trim().split('\n')) {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    const v1 = controllers.split(',').includes('cpu')
    if (!v1 && controllers !== '') continue
    for (const mount of v1 ? V1_MOUNTS : V2_MOUNTS) {
      for (const folder of upwards(path)) limits.push(quotaIn(join(mount, folder), v1, read))
    }
  }
  const lowest = Math.min(...limits)
  return Number.isFinite(lowest) ? lowest : null
}

/** A limit on any group above holds too. */
function upwards(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return [...parts.keys(), parts.length].map((n) => parts.slice(0, n).join('/'))
}

function quotaIn(folder: string, v1: boolean, read: (path: string) => string | null): number {
  const text = v1
    ? `${read(join(folder, 'cpu.cfs_quota_us'))} ${read(join(folder, 'cpu.cfs_period_us'))}`
    : (read(join(folder, 'cpu.max')) ?? '')
  const [quota, period] = text.split(/\s+/).map(Number)
  // `max` (v2), -1 (v1) and a missing file mean no limit.
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : Infinity
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
