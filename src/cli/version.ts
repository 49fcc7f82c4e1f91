import { readFileSync } from 'node:fs'
import { packageFile } from '../package-file.ts'

/** holdup's own version, from its package.json. */
export const VERSION = (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version
