import type { RecordOf } from '../../recording/schema.ts'

/** What a goroutine waits for: by its kind, in words of Go's. */
export interface GoroutineWait {
  kind: RecordOf<'runtime-wait'>['kind']
  of: string
}

/** By the functions that wait, the first that fits; a read-write lock takes a mutex of its own to be written. */
const WAITS: readonly [RegExp, GoroutineWait][] = [
  [/^sync\.\(\*RWMutex\)\.RLock$/, { kind: 'rwlock-read', of: 'sync.RWMutex' }],
  [/^sync\.\(\*RWMutex\)\.Lock$/, { kind: 'rwlock-write', of: 'sync.RWMutex' }],
  [/^(internal\/)?sync\.\(\*Mutex\)\.(Lock|lockSlow)$/, { kind: 'mutex', of: 'sync.Mutex' }],
  [/^sync\.\(\*(Cond|WaitGroup)\)\.Wait$/, { kind: 'condition', of: 'sync.Cond or WaitGroup' }],
  [/^runtime\.chanrecv/, { kind: 'condition', of: 'receive from a channel' }],
  // A channel with room for so many may be a lock or a queue.
  [/^runtime\.chansend/, { kind: 'park', of: 'send to a channel' }],
  [/^runtime\.selectgo$/, { kind: 'condition', of: 'select' }],
  [/^internal\/poll\.runtime_pollWait$/, { kind: 'condition', of: 'I/O' }],
]
/** Of the library that waiting is made of. */
const LIBRARY = /^(runtime|sync|internal)[./]/

/** Null for a goroutine that runs, or waits for what holdup does not know, such as its own end or a timer. */
export function waitOf(stack: readonly string[]): GoroutineWait | null {
  const names = stack.map((frame) => frame.split(' (').slice(0, -1).join(' ('))
  const own = names.findIndex((name) => !LIBRARY.test(name))
  const inLibrary = names.slice(0, own < 0 ? names.length : own)
  return WAITS.find(([pattern]) => inLibrary.some((name) => pattern.test(name)))?.[1] ?? null
}

/** The function, not of the library, that waits, or gives back: what tells locks apart, as profiles have no addresses. */
export function placeOf(stack: readonly string[]): string {
  const frame = stack.find((one) => !LIBRARY.test(one)) ?? ''
  return frame.replace(/ \([^()]*\)$/, '')
}

/** Goroutines that wait for a lock where its name is taken from, and who of the others in that function may have it. */
export interface LockCrowd {
  lock: string
  /** Null where nobody, or more than one, is in the function and does not wait: then it is not known. */
  holder: readonly string[] | null
}

/** A mutex has one holder: the only goroutine that is in the function which takes it, and does not wait for it, is taken to be that. */
export function lockCrowds(goroutines: readonly { stack: readonly string[]; n: number }[]): LockCrowd[] {
  const places = new Set(goroutines.flatMap(({ stack }) => (waitOf(stack)?.kind === 'mutex' ? [placeOf(stack)] : [])))
  return Array.from(places, (lock) => {
    const inside = goroutines.filter(
      ({ stack }) => !isAt(lock, stack) && stack.some((frame) => frame.startsWith(`${lock} (`)),
    )
    const [only] = inside
    return { lock, holder: only && inside.length === 1 && only.n === 1 ? only.stack : null }
  })
}

function isAt(lock: string, stack: readonly string[]): boolean {
  return waitOf(stack)?.kind === 'mutex' && placeOf(stack) === lock
}

/** What a goroutine does: `running`, or what it is blocked in, such as `time.Sleep`. */
export function doingOf(stack: readonly string[]): string {
  if (!stack[0]?.startsWith('runtime.gopark ')) return 'running'
  const wait = waitOf(stack)
  return wait && wait.of !== 'I/O' ? wait.of : placeOf(stack)
}
