import type { Worker, WorkerOptions } from 'node:worker_threads'
import { basename, subscribe, syncBuiltinESMExports, unsubscribe, workerThreads } from './builtins.ts'
import { now } from './clock.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'
import { CONFIG_VARIABLE } from './wire.ts'

/** Births and deaths of the workers that this thread makes; and sees to it that each carries the agent. */
export function watchWorkers(agent: ThreadAgent): Instrument {
  const { shared } = agent
  const living = new Map<Worker, () => void>()
  /** Of the worker under construction: its channel doesn't tell. */
  let name: string | undefined
  const onWorker = agent.guard((message: unknown) => {
    const { worker } = message as { worker: Worker }
    const t = now()
    const id = worker.threadId
    const stack = agent.captureStack(onWorker)
    agent.push({
      k: 'worker-birth',
      t,
      worker: id,
      ...(name === undefined ? {} : { name }),
      ...(stack === undefined ? {} : { stack }),
    })
    shared.add('liveWorkers', 1)
    const onExit = agent.guard(() => {
      living.delete(worker)
      shared.add('liveWorkers', -1)
      const end = now()
      agent.push({ k: 'worker-death', t: end, worker: id, lifetimeMs: end - t })
    })
    living.set(worker, onExit)
    worker.once('exit', onExit)
  })
  subscribe('worker_threads', onWorker)

  // A worker given an environment of its own doesn't inherit NODE_OPTIONS, and with it not the agent.
  const Original = workerThreads.Worker
  const replace = (Replacement: typeof Worker) => {
    workerThreads.Worker = Replacement
    syncBuiltinESMExports()
  }
  const Carrying: typeof Worker = new Proxy(Original, {
    construct(target, [file, options, ...rest], newTarget) {
      name = nameOf(file, options as WorkerOptions | undefined)
      const carried = agent.uninstalled ? options : withAgent(options as WorkerOptions | undefined)
      return Reflect.construct(target, [file, carried, ...rest], newTarget === Carrying ? target : newTarget) as Worker
    },
  })
  // An attached agent comes to new workers by the inspector.
  if (!agent.config.attached) replace(Carrying)
  return {
    uninstall() {
      unsubscribe('worker_threads', onWorker)
      for (const [worker, onExit] of living) worker.off('exit', onExit)
      living.clear()
      if (workerThreads.Worker === Carrying) replace(Original)
    },
  }
}

/** The name a worker was given, else that of its file. */
function nameOf(file: unknown, options: WorkerOptions | undefined): string | undefined {
  if (options?.name) return options.name
  if (options?.eval || (file instanceof URL && file.protocol === 'data:')) return 'eval'
  return file instanceof URL ? basename(file.pathname) : typeof file === 'string' ? basename(file) : undefined
}

function withAgent(options: WorkerOptions | undefined): WorkerOptions | undefined {
  const env = options?.env
  if (!options || typeof env !== 'object' || env === null || env === process.env) return options
  const { NODE_OPTIONS, [CONFIG_VARIABLE]: config } = process.env
  if (!NODE_OPTIONS || !config) return options
  const given = (env as NodeJS.ProcessEnv)['NODE_OPTIONS']
  const both = given && given !== NODE_OPTIONS ? `${given} ${NODE_OPTIONS}` : NODE_OPTIONS
  return { ...options, env: { ...(env as NodeJS.ProcessEnv), NODE_OPTIONS: both, [CONFIG_VARIABLE]: config } }
}
