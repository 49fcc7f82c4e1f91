import { arch, availableParallelism, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { kernelUnits } from '../probes/proc/auxv.ts'
import { coresAllowed, readText, type ReadText } from '../probes/proc/cgroup-files.ts'
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
export function cgroupCpuLimit(read: ReadText = readText): number | null {
  const limits: number[] = []
  for (const line of (read('/proc/self/cgroup') ?? '').trim().split('\n')) {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    const v1 = controllers.split(',').includes('cpu')
    if (!v1 && controllers !== '') continue
    for (const mount of v1 ? V1_MOUNTS : V2_MOUNTS) {
      for (const folder of upwards(path)) limits.push(coresAllowed({ path: join(mount, folder), v1 }, read) ?? Infinity)
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
