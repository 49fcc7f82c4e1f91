import { readFileSync } from 'node:fs'

/** A number that the kernel shows in a file, such as `/proc/sys/kernel/yama/ptrace_scope`; null where there is none. */
export function kernelSetting(path: string): number | null {
  try {
    return Number(readFileSync(path, 'latin1'))
  } catch {
    return null
  }
}
