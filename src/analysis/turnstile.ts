import type { Ratio } from '../units.ts'
import { functionName, isApplication } from './frames.ts'
import type { Source } from './index-records.ts'
import type { Lock } from './signals.ts'

/** Of the window in which somebody was in there waiting for work, at the least. */
const MOSTLY: Ratio = 0.5
/** One at a time has the lock: more are idle workers that do not hold it. */
const ONE: Ratio = 1.1
/** Calls in which a thread waits for whatever comes next, not for an answer. */
const FOR_EVENTS = /^(accept4?|epoll_p?wait2?)$/
/** Application frames by which two stacks are taken to be in the same place. */
const COMPARED = 2

/**
 * Whether threads that wait for a lock only take turns at waiting for work: a worker takes the lock of a queue or of a listening
 * socket and blocks there until something comes, and the other idle workers stand at the lock (`rx.lock().recv()`, an accept mutex).
 * Who holds it is then blocked in a call that waits for events; of a lock that does not say, somebody is parked in the very function that
 * the others wait in, which may as well be a wait for an answer under a lock: `unclassified`.
 */
export function turnstile(
  { pid, waiters, holderBlocked }: Pick<Lock, 'pid' | 'waiters' | 'holderBlocked'>,
  source: Source,
): Pick<Lock, 'role' | 'because'> | null {
  if (holderBlocked) {
    const isForEvents = holderBlocked.share - holderBlocked.behindLock >= MOSTLY && FOR_EVENTS.test(holderBlocked.in)
    return isForEvents
      ? { role: 'idle', because: 'its holder waits for connections or events, the others for their turn' }
      : null
  }
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

/** The innermost functions of the program, without their lines; '' where there are none. */
function placeOf(stack: readonly string[]): string {
  const frames = stack.filter(isApplication).slice(0, COMPARED)
  return frames
    .map((frame) => `${functionName(frame)} ${/\(([^():]*)/.exec(frame.slice(functionName(frame).length))?.[1] ?? ''}`)
    .join(' < ')
}
