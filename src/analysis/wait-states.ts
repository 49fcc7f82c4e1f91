import type { Source } from './index-records.ts'
import type { ThreadState } from './signals.ts'

const IDLE = /^(epoll_|poll|ppoll|select|pselect|accept|io_uring|kevent|rt_sigtimedwait|pause)/
const SLEEP = /^(nanosleep|clock_nanosleep)/
/** glibc's mutex (op 0x80, word 2) and rwlock (0x189, 2 or 3) in their slow paths; every other futex is a parked thread. */
const NATIVE_LOCK = /^futex (0x80 (0x)?2|0x189 (0x)?[23])$/

/** Codes of /proc/PID/stat's letters are lower. */
const LETTERS = 128

/**
 * State of a blocked thread by the kernel's letter and the call it sits in; null when it was running (or waiting for a
 * core), which says nothing of the time it was blocked.
 */
export function blockedState(state: string, wait: string, counted: boolean): ThreadState | null {
  if (state === 'R') return null
  if (state === 'D') return 'ioWait'
  if (state === 'T' || state === 't' || state === 'Z' || state === 'X') return 'sleeping'
  if (wait === '') return 'unknown'
  if (wait.startsWith('futex')) return !counted && NATIVE_LOCK.test(wait) ? 'lockWait' : 'idleWait'
  if (IDLE.test(wait)) return 'idleWait'
  if (SLEEP.test(wait)) return 'sleeping'
  return wait.startsWith('syscall ') ? 'unknown' : 'ioWait'
}

/** The same by the letter's code and the string id of the call (-1 unknown), each pair looked up once: an hour has millions of looks. */
export function waitStates(
  source: Pick<Source, 'text'>,
  counted: boolean,
): (letter: number, wait: number) => ThreadState | null {
  const known = new Map<number, ThreadState | null>()
  return (letter, wait) => {
    const key = (wait + 1) * LETTERS + letter
    let state = known.get(key)
    if (state === undefined) {
      state = blockedState(String.fromCharCode(letter), wait < 0 ? '' : source.text(wait), counted)
      known.set(key, state)
    }
    return state
  }
}
