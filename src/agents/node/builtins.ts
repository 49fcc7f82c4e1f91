/**
 * What the agent needs of Node, captured at load: a program that patches `fs` or the like later doesn't reach us, and a
 * short-lived worker isn't slowed by copying whole namespaces, as a bundler's interop for `import * as` does.
 */
// The caller names the type of the module it asks for.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
const builtin = <T>(id: string): T => process.getBuiltinModule(id) as T

export const {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  stat,
  writeSync,
} = builtin<typeof import('node:fs')>('node:fs')
export const { subscribe, unsubscribe } = builtin<typeof import('node:diagnostics_channel')>('node:diagnostics_channel')
export const { BroadcastChannel, getEnvironmentData, isMainThread, setEnvironmentData, threadId } =
  builtin<typeof import('node:worker_threads')>('node:worker_threads')
const paths = builtin<typeof import('node:path')>('node:path')
export const basename = (path: string): string => paths.basename(path)
export const { syncBuiltinESMExports } = builtin<typeof import('node:module')>('node:module')

/** Loaded at the first use: not every thread comes to it. */
export const inspector = (): typeof import('node:inspector') => builtin('node:inspector')
export const perfHooks = (): typeof import('node:perf_hooks') => builtin('node:perf_hooks')
export const v8 = (): typeof import('node:v8') => builtin('node:v8')

/** The modules themselves, where something of theirs is replaced. */
export const workerThreads = builtin<{ Worker: typeof import('node:worker_threads').Worker }>('node:worker_threads')
export const moduleLoader = builtin<unknown>('node:module')
