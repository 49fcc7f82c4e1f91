import { closeSync, existsSync, fchownSync, lstatSync, openSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { readProc } from '../../targets/proc-listing.ts'
import { processFacts } from '../../targets/process-facts.ts'
import type { Milliseconds } from '../../units.ts'

/** What jcmd itself speaks (sun.tools.attach.VirtualMachineImpl): a version, a command and three arguments, each ended by a zero. */
const VERSION = '1'
const ARGUMENTS = 3
/** What HotSpot may take to open its socket, and to do what it is told. */
const OPEN_WITHIN_MS: Milliseconds = 5000
const ANSWER_WITHIN_MS: Milliseconds = 10_000
const LOOK_EVERY_MS: Milliseconds = 20
const ANSWER_CHARACTERS = 16e6
const STATUS_BYTES = 65_536
const SIGQUIT_BIT = 1n << 2n

/** What the JVM answers that its own diagnostic command `command` says. Throws Error with the reason. */
export async function askJvm(pid: number, command: string): Promise<string> {
  const answer = await talk(await openSocket(pid), command)
  const [code = '', ...text] = answer.split('\n')
  if (code !== '0') throw new Error(text.find((line) => line.trim() !== '')?.trim() ?? 'the JVM refused')
  return text.join('\n')
}

/**
 * Whether the JVM catches SIGQUIT, by which it is asked to open its socket: one that does not, as it has only begun or runs with -Xrs,
 * would die of it.
 */
export function catchesSigquit(pid: number): boolean {
  const caught = /^SigCgt:\s*([\da-f]+)$/m.exec(readProc(`/proc/${pid}/status`, STATUS_BYTES) ?? '')?.[1]
  return (BigInt(`0x${caught ?? 0}`) & SIGQUIT_BIT) !== 0n
}

/** The path of its socket, as holdup sees it: it lies in the /tmp that the JVM sees, under the pid that it has there. */
async function openSocket(pid: number): Promise<string> {
  const facts = processFacts(pid)
  if (!facts) throw new Error('it is gone')
  const inner = facts.pids.at(-1) ?? pid
  const folder = tmpOf(pid)
  const path = `${folder}/.java_pid${inner}`
  if (existsSync(path)) return path
  if (!catchesSigquit(pid)) throw new Error('it does not catch SIGQUIT (-Xrs)')
  const trigger = `${folder}/.attach_pid${inner}`
  makeTrigger(trigger, facts)
  try {
    process.kill(pid, 'SIGQUIT')
    for (let waited = 0; waited < OPEN_WITHIN_MS; waited += LOOK_EVERY_MS) {
      await sleep(LOOK_EVERY_MS)
      if (existsSync(path)) return path
    }
  } finally {
    rmSync(trigger, { force: true })
  }
  throw new Error('it opens no socket for diagnostic commands')
}

/** Never through a link of the target's, which would lead root anywhere. */
function makeTrigger(path: string, { uid, gid }: { uid: number; gid: number }): void {
  rmSync(path, { force: true })
  const fd = openSync(path, 'wx', 0o600)
  try {
    // Only a file of its own user's counts.
    if (process.geteuid?.() === 0) fchownSync(fd, uid, gid)
  } finally {
    closeSync(fd)
  }
}

/** The /tmp that a process sees. Throws Error where that is a link, which would lead to another one of holdup's. */
export function tmpOf(pid: number): string {
  const path = `/proc/${pid}/root/tmp`
  if (!lstatSync(path).isDirectory()) throw new Error('its /tmp is no folder')
  return path
}

function talk(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    let said = ''
    socket.setEncoding('utf8').setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error('it does not answer')))
    socket.on('data', (text) => (said = (said + String(text)).slice(0, ANSWER_CHARACTERS)))
    socket.on('error', reject)
    socket.on('close', () => resolve(said))
    const args = [command, ...Array.from({ length: ARGUMENTS - 1 }, () => '')]
    // Not ended: HotSpot answers what it has read, and closes.
    socket.write([VERSION, 'jcmd', ...args].map((part) => `${part}\0`).join(''))
  })
}
