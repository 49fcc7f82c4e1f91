import { existsSync } from 'node:fs'

/** Whether /proc can be read here: Linux, and not switched off by `HOLDUP_NO_PROC=1`. */
export function procAvailable(): boolean {
  return process.platform === 'linux' && process.env['HOLDUP_NO_PROC'] !== '1' && existsSync('/proc/self/stat')
}
