import type { Ratio } from '../units.ts'
import { functionName, isApplication } from './frames.ts'
import type { Source } from './index-records.ts'
import type { Lock } from './signals.ts'

/** Of the window in which somebody was in there waiting for work, at the least. */
const MOSTLY: Ratio = 0.5
/** One proves nothing. */
const LOOKS = 3
/** One at a time has the lock: more are idle workers that do not hold it. */
const ONE: Ratio = 1.1
/** Calls in which a thread waits for whatever comes next, not for an answer. */
const FOR_EVENTS = /^(accept4?|epoll_p?wait2?)$/
/** Application frames by which two stacks are taken to be in the same place. */
const COMPARED = 2

/**
 * Whether threads that wait for a lock only take turns at waiting for work: a worker takes the lock of a queue or of a listening
 * socket and blocks there until something comes, and the other idle workers stand at the lock (`rx.lock().recv()`, an accept mutex).
 * Its holder is then blocked in a call that waits for events. Of a lock that does not say who holds it, somebody is parked in the very
 * function that the others wait in, or more threads wait than there are requests in flight: that may as well be a wait for an
 * answer under a lock, or other work than requests, and is `unclassified`.
 */
export function turnstile(
  { pid, heldUp, waiters, holderBlocked }: Pick<Lock, 'pid' | 'heldUp' | 'waiters' | 'holderBlocked'>,
  source: Source,
): Pick<Lock, 'role' | 'because'> | null {
  const isBlocked = holderBlocked !== null && holderBlocked.share - holderBlocked.behindLock >= MOSTLY
  if (isBlocked && FOR_EVENTS.test(holderBlocked.in))
    return { role: 'idle', because: 'its holder waits for connections or events, the others for their turn' }
  // A holder that waits for another thread may wait for an answer or for work.
  if (holderBlocked && !(isBlocked && holderBlocked.in === 'futex')) return null
  if (heldUp > requestsInFlight(source) + 1)
    return {
      role: 'unclassified',
      because: 'more threads wait for it than requests are in flight: they may wait for work',
    }
  if (holderBlocked && heldUp > connectionsOpen(source) + 1)
    return {
      role: 'unclassified',
      because: 'more threads wait for it than clients are connected: they may wait for work',
    }
  if (holderBlocked) return null
  const place = placeOf(waiters[0]?.stack ?? [])
  if (place === '') return null
  const inside = { idle: 0, unclassified: 0 }
  for (const { pid: of, wait, kind, state, stack, ms } of source.within('blocked')) {
    const isForEvents = FOR_EVENTS.test(source.text(wait))
    const isParked = kind === 'park' && state === 'idle'
    if (of !== pid || !(isForEvents || isParked) || placeOf(source.stack(stack)) !== place) continue
    inside[isForEvents ? 'idle' : 'unclassified'] += ms / source.windowMs
  }
  const because = 'another thread is parked where they wait: they may take turns at waiting for work'
  if (inside.idle + inside.unclassified > ONE) return null
  if (inside.idle >= MOSTLY) return { role: 'idle', because: 'another thread waits there for connections or events' }
  return inside.unclassified >= MOSTLY ? { role: 'unclassified', because } : null
}

/** Of the client's, those that get no answer too; without end where nobody counts them. */
function requestsInFlight(source: Source): number {
  const loads = source.within('load')
  return loads.length > 0 ? loads.reduce((sum, { inFlight }) => sum + inFlight, 0) / loads.length : Infinity
}

/** Of clients: they bound what is in flight where a connection carries one request at a time, as in HTTP/1.1. */
function connectionsOpen(source: Source): number {
  const looked = source.within('client-sockets')
  const looks = looked.reduce((sum, record) => sum + record.looks, 0)
  return looks >= LOOKS ? looked.reduce((sum, { open }) => sum + open, 0) / looks : Infinity
}

/** The innermost functions of the program, without their lines; '' where there are none. */
function placeOf(stack: readonly string[]): string {
  const frames = stack.filter(isApplication).slice(0, COMPARED)
  return frames
    .map((frame) => `${functionName(frame)} ${/\(([^():]*)/.exec(frame.slice(functionName(frame).length))?.[1] ?? ''}`)
    .join(' < ')
}
