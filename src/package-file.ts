import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = rootFrom(dirname(fileURLToPath(import.meta.url)))

/** A file of holdup's own package by its path in it, wherever this code was bundled to. */
export function packageFile(path: string): string {
  return join(ROOT, path)
}

function rootFrom(folder: string): string {
  return existsSync(join(folder, 'package.json')) || folder === dirname(folder) ? folder : rootFrom(dirname(folder))
}
