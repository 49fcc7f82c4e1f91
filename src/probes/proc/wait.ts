import { syscallName } from './syscalls.ts'

/** Above it a futex word's value is a lock's flags, or a thread id with a flag, not a counter. */
const FLAGS_FROM = 0x40000000
/** Below it a value is one of a lock's few states. */
const STATES_BELOW = 4
/** FUTEX_WAIT_BITSET on a shared word with the realtime clock: how pthread_join waits for a thread's id to be cleared. */
const JOIN_OP = 0x109

/**
 * What /proc/PID/task/TID/syscall says of a blocked thread, as a short text that few threads differ in; null when it runs.
 * - `epoll_wait`, `read` … , `syscall 123` where the number has no name here;
 * - `futex OP VALUE`, the words by which a held lock and an idle wait differ: op in hex; value as it is below 4, in hex from
 *   0x40000000, and `tid` (a thread that is joined) or `n` (a counter) between, since these differ at every call;
 * - `fault`: blocked outside any call, as on a page that must be read first.
 */
export function waitText(line: string): string | null {
  if (line.startsWith('running')) return null
  const words = line.split(' ', 4)
  const number = Number(words[0])
  if (number < 0) return 'fault'
  const name = syscallName(number)
  return name === 'futex' ? `futex ${words[2]} ${valueText(Number(words[2]), low32(words[3]))}` : name
}

/** The kernel compares 32 bits; the register may hold more. */
function low32(hex = '0x0'): number {
  return Number(`0x${hex.slice(2).slice(-8)}`)
}

function valueText(op: number, value: number): string {
  if (value < STATES_BELOW) return String(value)
  if (value >= FLAGS_FROM) return `0x${value.toString(16)}`
  return op === JOIN_OP ? 'tid' : 'n'
}
