import type { EventName, EventTable } from './events.ts'
import type { CpuBuffer } from './ring-buffer.ts'
import type { Tracker } from './tracker.ts'

/** The second word of every event is the thread that it happened in (`common_pid`). */
const THREAD = 1

type Handler = (at: number, tid: number, words: Uint32Array, first: number, offsets: readonly number[]) => void

/** Hands the events of the buffers to the tracker. */
export function dispatcher(tracker: Tracker, table: EventTable): (buffer: CpuBuffer) => void {
  const handlers = handlersFor(tracker)
  const byNumber: ({ handle: Handler; offsets: readonly number[] } | undefined)[] = []
  for (const [id, { name, offsets }] of table) byNumber[id] = { handle: handlers[name], offsets }
  return ({ words, at, time }) => {
    const known = byNumber[(words[at] ?? 0) & 0xffff]
    known?.handle(time, words[at + THREAD] ?? 0, words, at, known.offsets)
  }
}

function handlersFor(tracker: Tracker): Record<EventName, Handler> {
  const field = (words: Uint32Array, at: number, offset = 0) => words[at + offset] ?? 0
  const long = (words: Uint32Array, at: number, offset = 0) =>
    (words[at + offset] ?? 0) + (words[at + offset + 1] ?? 0) * 2 ** 32
  return {
    'futex-enter': (time, tid, words, at, [address, op, value, timeout]) =>
      tracker.futexEnter(
        time,
        tid,
        long(words, at, address),
        field(words, at, op),
        field(words, at, value),
        long(words, at, timeout) !== 0,
      ),
    'futex-exit': (time, tid, words, at, [result]) => tracker.futexExit(time, tid, field(words, at, result) | 0),
    'epoll-enter': (time, tid) => tracker.pollEnter(time, tid, 'epoll'),
    'poll-enter': (time, tid) => tracker.pollEnter(time, tid, 'poll'),
    'poll-exit': (time, tid) => tracker.pollExit(time, tid),
    'read-enter': (_time, tid, words, at, [descriptor]) => tracker.readEnter(tid, field(words, at, descriptor)),
    'read-exit': (_time, tid) => tracker.readExit(tid),
    write: (_time, tid, words, at, [descriptor]) => tracker.wrote(tid, field(words, at, descriptor)),
    accepted: (_time, tid, words, at, [result]) => tracker.accepted(tid, field(words, at, result)),
    close: (_time, tid, words, at, [descriptor]) => tracker.closed(tid, field(words, at, descriptor)),
    'thread-created': (time, tid, words, at, [child, flags]) =>
      tracker.created(time, tid, field(words, at, child), field(words, at, flags)),
    'thread-exited': (time, _tid, words, at, [tid]) => tracker.exited(time, field(words, at, tid)),
    executed: (_time, _tid, words, at, [file, tid, before]) =>
      tracker.executed(field(words, at, tid), field(words, at, before), textAt(words, at, field(words, at, file))),
    switched: (time, _tid, words, at, [from, state, to]) =>
      tracker.switched(time, field(words, at, from), field(words, at, state), field(words, at, to)),
  }
}

/** A string of an event (`__data_loc`): where it begins, and how long it is with the zero at its end. */
function textAt(words: Uint32Array, at: number, where: number): string {
  const bytes = Buffer.from(words.buffer, words.byteOffset + at * 4 + (where & 0xffff), (where >>> 16) - 1)
  return bytes.toString('utf8')
}
