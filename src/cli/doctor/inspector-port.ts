import { once } from 'node:events'
import { createServer } from 'node:net'
import { procAvailable } from '../../probes/proc/available.ts'
import { redactCommand } from '../../recording/redact.ts'
import { portsByProcess } from '../../targets/listening-sockets.ts'
import { runningProcesses } from '../../targets/running-processes.ts'

/** Where Node's inspector listens on SIGUSR1, unless the target was started with --inspect-port. */
export const INSPECTOR_PORT = 9229

/** Who listens there: `pid 7 (node --inspect server.js)`, or a word for somebody; null when it is free. */
export async function inspectorPortOwner(): Promise<string | null> {
  if (await isFree()) return null
  const running = procAvailable() ? runningProcesses() : new Map<number, never>()
  for (const [pid, ports] of portsByProcess(running.keys())) {
    if (ports.includes(INSPECTOR_PORT)) return `pid ${pid} (${redactCommand(running.get(pid)?.argv ?? [])})`
  }
  return 'another process'
}

async function isFree(): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(INSPECTOR_PORT, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
