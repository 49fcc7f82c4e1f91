import { formatBytes, formatNumber } from '../../units.ts'
import { DEFAULT_MAX_SIZE } from '../values.ts'
import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** Cores for the target and holdup side by side, and room for what holdup writes. */
export function roomChecks(machine: Machine): Check[] {
  return [cores(machine), folder(machine), disk(machine)]
}

function cores({ cores, cgroupCpuLimit }: Machine): Check {
  const what = 'cores'
  const limit =
    cgroupCpuLimit === null ? 'no CPU limit' : `limited to ${formatNumber(cgroupCpuLimit)} CPUs by its cgroup`
  if (Math.min(cores, cgroupCpuLimit ?? cores) >= 2) return { what, state: 'ok', means: `${cores}, ${limit}` }
  return {
    what,
    state: 'degraded',
    means: `${cores}, ${limit}, must be 2: holdup and its load share a core with the target`,
    command: cgroupCpuLimit === null ? 'nproc' : 'cat /proc/self/cgroup',
    but: 'it and its load take CPU from the target',
  }
}

function folder({ folder, folderFailure }: Machine): Check {
  const what = 'reports'
  if (folderFailure === null) return { what, state: 'ok', means: `written below ${folder}` }
  return {
    what,
    state: 'missing',
    means: `${folder} cannot be written (${folderFailure}), must be for reports to go there`,
    command: 'holdup run --output "$HOME/holdup-reports" -- node server.js',
    but: 'it cannot write reports into this folder',
  }
}

function disk({ freeBytes }: Machine): Check {
  const what = 'disk'
  if (freeBytes === null) return { what, state: 'ok', means: 'the file system does not tell how much is free' }
  const free = `${formatBytes(freeBytes)} free`
  if (freeBytes >= DEFAULT_MAX_SIZE)
    return { what, state: 'ok', means: `${free}; a recording takes ${formatBytes(DEFAULT_MAX_SIZE)} at most` }
  // Half of it: the report needs some, and others write too.
  const megabytes = Math.max(1, Math.floor(freeBytes / 2e6))
  return {
    what,
    state: 'degraded',
    means: `${free}, must be ${formatBytes(DEFAULT_MAX_SIZE)}, the most that a recording takes`,
    command: `holdup run --max-size ${megabytes}MB -- node server.js`,
    but: 'the disk is nearly full',
  }
}
