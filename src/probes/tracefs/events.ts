import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An event that is recorded: which, as the kernel names it, and those of its fields that are read. */
interface Wanted {
  event: string
  fields: readonly string[]
  /** Decided in the kernel (its event filter), so that nobody need read what says nothing. */
  filter?: string
}

const enter = (call: string, ...fields: string[]): Wanted => ({ event: `syscalls/sys_enter_${call}`, fields })
const exit = (call: string, filter?: string): Wanted => ({
  event: `syscalls/sys_exit_${call}`,
  fields: ['ret'],
  ...(filter !== undefined && { filter }),
})
const READS = ['read', 'readv', 'recvfrom', 'recvmsg']
const WRITES = ['write', 'writev', 'sendto', 'sendmsg']
const ACCEPTS = ['accept', 'accept4']
const EPOLLS = ['epoll_wait', 'epoll_pwait', 'epoll_pwait2']
const POLLS = ['poll', 'ppoll', 'select', 'pselect6']

/** By what becomes of them. An architecture or kernel without some has no such call. */
const EVENTS = {
  'futex-enter': [enter('futex', 'uaddr', 'op', 'val', 'utime')],
  // What a wait gives; a wake gives how many it woke.
  'futex-exit': [exit('futex', 'ret <= 0')],
  'epoll-enter': EPOLLS.map((call) => enter(call)),
  'poll-enter': POLLS.map((call) => enter(call)),
  'poll-exit': [...EPOLLS, ...POLLS].map((call) => exit(call)),
  'read-enter': READS.map((call) => enter(call, 'fd')),
  'read-exit': READS.map((call) => exit(call, 'ret > 0')),
  write: WRITES.map((call) => enter(call, 'fd')),
  accepted: ACCEPTS.map((call) => exit(call, 'ret >= 0')),
  close: [enter('close', 'fd')],
  'thread-created': [{ event: 'task/task_newtask', fields: ['pid', 'clone_flags'] }],
  'thread-exited': [{ event: 'sched/sched_process_exit', fields: ['pid'] }],
  executed: [{ event: 'sched/sched_process_exec', fields: ['filename', 'pid', 'old_pid'] }],
  switched: [{ event: 'sched/sched_switch', fields: ['prev_pid', 'prev_state', 'next_pid'] }],
} as const satisfies Record<string, readonly Wanted[]>

export type EventName = keyof typeof EVENTS

/** Where the fields of an event lie, in 32-bit words from its first, in the order in which they are wanted. */
type Offsets = readonly number[]

/** An event's number, and where its fields lie, from its `format` file; null where this kernel has no such event. */
function layoutOf(path: string, { fields }: Wanted): { id: number; offsets: Offsets } | null {
  let text
  try {
    text = readFileSync(join(path, 'format'), 'utf8')
  } catch {
    return null
  }
  const offsets = fields.map((field) => {
    const offset = new RegExp(`[ *]${field};\\s*offset:(\\d+);`).exec(text)?.[1]
    return Number(offset) >> 2
  })
  return { id: Number(/^ID: (\d+)/m.exec(text)?.[1]), offsets }
}

/** What an instance records: by the number of an event what it is, and where its fields lie. */
export type EventTable = Map<number, { name: EventName; offsets: Offsets }>

/** Switches the events on, one after the other. `write` writes a file of the instance at `path`. */
export function enableEvents(path: string, write: (file: string, text: string) => void): EventTable {
  const table: EventTable = new Map()
  for (const [name, events] of Object.entries(EVENTS) as [EventName, readonly Wanted[]][]) {
    for (const wanted of events) {
      const layout = layoutOf(join(path, 'events', wanted.event), wanted)
      if (!layout) continue
      table.set(layout.id, { name, offsets: layout.offsets })
      if (wanted.filter !== undefined) write(`events/${wanted.event}/filter`, wanted.filter)
      write(`events/${wanted.event}/enable`, '1')
    }
  }
  return table
}
