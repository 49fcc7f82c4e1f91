import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Whether a command is in one of the folders of $PATH. */
export function isCommand(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}
