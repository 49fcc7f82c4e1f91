import { moduleLoader } from './builtins.ts'
import { now } from './clock.ts'
import { round, Sketch } from './sketch.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'

interface Row {
  name: string
  stack: number | undefined
  sketch: Sketch
}
type Method = (this: unknown, ...args: unknown[]) => unknown
type Patch = { target: Record<string, unknown>; name: string; original: Method; wrapped: Method }
/** Of a module that was loaded before. */
type Cache = Record<string, { exports?: { Semaphore?: unknown } } | undefined>
type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown

/** Where `node:module` hooks are missing (Node 20), an ES module's import of async-mutex isn't seen. */
interface Hooks {
  registerHooks?(hooks: {
    load(url: string, context: unknown, next: (url: string, context: unknown) => { source?: string | Buffer }): unknown
  }): { deregister(): void }
}
const REGISTER = Symbol.for('holdup.promise-lock')
const ASYNC_MUTEX = /[\\/]async-mutex[\\/]index\.mjs$/
const REQUIRED_ASYNC_MUTEX = /[\\/]async-mutex[\\/]lib[\\/]index\.js$/

/** Waits for promise-based locks: async-mutex's Semaphore (its Mutex is one) and navigator.locks. */
export function watchPromiseLocks(agent: ThreadAgent): Instrument {
  let rows = new Map<string, Row>()
  const patches: Patch[] = []

  const waited = (name: string, stack: number | undefined, ms: number) => {
    const key = `${name}/${stack ?? ''}`
    let row = rows.get(key)
    if (!row) rows.set(key, (row = { name, stack, sketch: new Sketch() }))
    row.sketch.add(ms)
  }
  const patch = (target: Record<string, unknown>, name: string, make: (original: Method) => Method) => {
    const original = target[name]
    if (typeof original !== 'function' || patches.some((done) => done.target === target)) return
    const wrapped = make(original as Method)
    Object.defineProperty(wrapped, 'name', { value: name })
    target[name] = wrapped
    patches.push({ target, name, original: original as Method, wrapped })
  }

  /** `acquire()` resolves when the lock is had. */
  const watchSemaphore = (semaphore: unknown) => {
    const prototype = (semaphore as { prototype?: Record<string, unknown> } | undefined)?.prototype
    if (!prototype) return
    patch(
      prototype,
      'acquire',
      (original) =>
        function acquire(this: unknown, ...args) {
          const from = now()
          const stack = agent.captureStack(acquire)
          const promise = original.apply(this, args) as Promise<unknown>
          const acquired = () => waited('async-mutex', stack, now() - from)
          promise.then(acquired).catch(() => {})
          return promise
        },
    )
  }
  /** The last argument of `request()` is called when the lock is had. */
  const watchLockManager = (locks: unknown) => {
    patch(
      Object.getPrototypeOf(locks) as Record<string, unknown>,
      'request',
      (original) =>
        function request(this: unknown, ...args) {
          const callback = args.at(-1)
          if (typeof callback !== 'function') return original.apply(this, args)
          const from = now()
          const stack = agent.captureStack(request)
          const name = `navigator.locks "${String(args[0]).slice(0, 100)}"`
          const granted = function (this: unknown, ...lock: unknown[]) {
            waited(name, stack, now() - from)
            return (callback as Method).apply(this, lock)
          }
          return original.apply(this, [...args.slice(0, -1), granted])
        },
    )
  }

  const modules = moduleLoader as { _load: Load; _cache: Cache } & Hooks
  const originalLoad = modules._load
  const load: Load = function (this: unknown, request, ...rest) {
    const exports = originalLoad.call(this, request, ...rest)
    if (request === 'async-mutex') watchSemaphore((exports as { Semaphore?: unknown }).Semaphore)
    return exports
  }
  modules._load = load
  for (const [file, module] of Object.entries(modules._cache))
    if (REQUIRED_ASYNC_MUTEX.test(file)) watchSemaphore(module?.exports?.Semaphore)
  Object.defineProperty(globalThis, REGISTER, { value: watchSemaphore, configurable: true })
  const hooks = modules.registerHooks?.({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!ASYNC_MUTEX.test(url) || loaded.source === undefined) return loaded
      const source = `${loaded.source.toString()}\nglobalThis[Symbol.for('holdup.promise-lock')]?.(Semaphore)\n`
      return { ...loaded, source }
    },
  })
  const restoreNavigator = onFirstLocks(watchLockManager)

  return {
    flush(t, out) {
      for (const { name, stack, sketch } of rows.values()) {
        const { n, sum, max, pairs } = sketch.summary()
        const of = stack === undefined ? {} : { stack }
        out.push({ k: 'promise-lock', t, name, ...of, n, ms: round(sum), max: round(max), waits: pairs })
      }
      if (rows.size > 0) rows = new Map()
    },
    uninstall() {
      for (const { target, name, original, wrapped } of patches) if (target[name] === wrapped) target[name] = original
      if (modules._load === load) modules._load = originalLoad
      hooks?.deregister()
      restoreNavigator()
      Reflect.deleteProperty(globalThis, REGISTER)
    },
  }
}

/** Calls back at the first read of `navigator.locks`: reading it ourselves would load it into programs that don't use it. */
function onFirstLocks(found: (locks: unknown) => void): () => void {
  const prototype = (globalThis as { Navigator?: { prototype: object } }).Navigator?.prototype
  const property = prototype && Object.getOwnPropertyDescriptor(prototype, 'locks')
  if (!prototype || !property?.get || !property.configurable) return () => {}
  const watched = {
    ...property,
    get(this: unknown) {
      const locks: unknown = property.get?.call(this)
      found(locks)
      return locks
    },
  }
  Object.defineProperty(prototype, 'locks', watched)
  return () => Object.defineProperty(prototype, 'locks', property)
}
