import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** Opens the HTML report; a machine without a browser is no error. */
export function openInBrowser(folder: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(opener, [join(folder, 'report.html')], { stdio: 'ignore', detached: true })
  child.on('error', () => process.stderr.write(`holdup: no ${opener} here to open the report with\n`))
  child.unref()
}
