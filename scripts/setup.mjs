// Before `npm start` and `npm test`: on a bare clone installs what the lock file names (which builds), else builds if needed.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const npm = (...args) => {
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync('node_modules/.package-lock.json')) npm('ci')
else if (newest('src') > newest('dist') || newest('scripts') > newest('dist')) npm('run', 'build')

/** Time of the latest change below a folder, 0 when there is none. */
function newest(folder) {
  if (!existsSync(folder)) return 0
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs
  })
  return Math.max(0, ...times)
}
