import { isApplication, shortFrame } from './frames.ts'

/** Threads that runtimes start for themselves, by what is left of their names: the kernel keeps 15 bytes. */
const RUNTIME_THREADS: readonly (readonly [RegExp, string])[] = [
  [/^tokio-(runtime-w|rt-worker)/, 'tokio-rt-worker'],
  [/^(V8Worker|V8 WorkerThread|DelayedTaskSche|SignalInspector)/, 'node runtime (V8)'],
  [/^libuv-worker/, 'libuv-worker'],
  [
    /^(GC Thread|G1 |ParGC|Parallel GC|Shenandoah|Z(Worker|Driver|Director|Stat|Unmapper|Uncommitter)|VM Thread)/,
    'JVM garbage collector',
  ],
  [/^(C[12] Compiler|JVMCI|Sweeper thread)/, 'JVM compiler'],
  [
    /^(VM Periodic|Signal Dispatch|Reference Handl|Finalizer|Common-Cleaner|Service Thread|Monitor Deflati|Notification Th)/,
    'JVM runtime',
  ],
  [/^\.NET (BGC|Server GC|GC)/, '.NET garbage collector'],
  [/^\.NET Tiered/, '.NET compiler'],
]

/** `query-12` and `query-3` are one pool, `query-*`; threads of a runtime go by what they do. */
export function groupOfName(name: string): string {
  const known = RUNTIME_THREADS.find(([pattern]) => pattern.test(name))
  return known ? known[1] : name.replace(/\d+$/, '*')
}

/** Threads that nobody named, by what created them. */
export function groupOfCreator(stack: readonly string[]): string | null {
  const creator = stack.find(isApplication)
  return creator === undefined ? null : `started in ${shortFrame(creator)}`
}

/** The same where only their own stack is known: by the first function of the program in it. */
export function groupOfFirst(stack: readonly string[]): string | null {
  const first = stack.findLast(isApplication)
  return first === undefined ? null : `in ${shortFrame(first)}`
}
