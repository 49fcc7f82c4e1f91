import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { parseBlockedCall } from '../native-sampler/blocked-call.ts'
import { valueClass } from './futex-words.ts'
import type { Tracker } from './tracker.ts'
import type { TracedProcess } from './traced.ts'

const ESTABLISHED = '01'
const LISTEN = '0A'

/** The ids of a process' threads; none when it is gone. */
export function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}

/** Lets a tracker know what the threads of a process were in the middle of when the tracing began, and which sockets it had accepted. */
export function seed(tracker: Tracker, process: TracedProcess, tids: readonly number[], now: () => number): void {
  process.musl = isMusl(process.pid)
  // Of one whose request was read before, or is being read, the answer is still to come.
  for (const descriptor of acceptedSockets(process.pid)) process.sockets.set(descriptor, 'read')
  for (const tid of tids) {
    const thread = tracker.addThread(process, tid)
    const at = now()
    const call = parseBlockedCall(textOf(`/proc/${process.pid}/task/${tid}/syscall`).trimEnd())
    if (call?.futex) {
      const { address, op, value, timeout } = call.futex
      tracker.beginWait(thread, at, address, op, valueClass(value), timeout !== 0)
    } else if (call && /^(epoll_p?wait2?|p?poll|p?select6?)\b/.test(call.wait)) {
      tracker.pollEnter(at, tid, call.wait.startsWith('epoll') ? 'epoll' : 'poll')
    }
  }
}

/** Descriptors of connections to ports that the process' network namespace listens on. */
function acceptedSockets(pid: number): number[] {
  const rows = ['tcp', 'tcp6'].flatMap((table) =>
    textOf(`/proc/${pid}/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/)),
  )
  const portOf = (address = '') => address.split(':')[1]
  const listened = new Set(rows.flatMap(([, local, , state]) => (state === LISTEN ? [portOf(local)] : [])))
  const inodes = new Set(
    rows.flatMap(([, local, , state, , , , , , inode]) =>
      state === ESTABLISHED && listened.has(portOf(local)) ? [`socket:[${inode}]`] : [],
    ),
  )
  return inodes.size === 0 ? [] : descriptorsOf(pid).filter((fd) => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`)))
}

function descriptorsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(Number)
  } catch {
    return []
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Whether the process' C library is musl. */
export function isMusl(pid: number): boolean {
  return /\/(ld-musl-|libc\.musl-)|-musl\/libc\.so/.test(textOf(`/proc/${pid}/maps`))
}
