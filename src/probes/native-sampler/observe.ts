import type { Runtime } from '../../targets/identify.ts'
import type { ProcessSymbols } from '../../symbols/process-symbols.ts'
import { classifyFutex, type FutexCall, type FutexWait } from '../native/futex.ts'
import { FutexSites } from '../native/futex-sites.ts'
import { parkingLotMutex } from '../native/parking-lot.ts'
import type { ProcessMemory } from '../native/process-memory.ts'
import { StackScan } from '../native/stack-scan.ts'
import type { BlockedCall } from './blocked-call.ts'

/** Kept apart in the recording; past it, stacks that are new are not told apart. */
const OBSERVATIONS_AT_MOST = 20_000
/** In a stack the first frame is where the thread entered the kernel. */
const CALLER = 1

/** One way in which threads are blocked: what for and where. The same one is the same object. */
export interface Observation {
  wait: string
  /** Null for what is no futex. */
  futex: FutexWait | null
  /** Code addresses, leaf first; empty where it was not to be had. */
  stack: readonly number[]
  /** Its lock has an owner's field: it is one of pthread's. */
  pthread: boolean
}

/** Finds out what the blocked threads of one process wait for, and where. */
export class Observer {
  readonly #memory: ProcessMemory
  readonly #symbols: ProcessSymbols
  readonly #scan: StackScan
  readonly #runtime: Runtime
  readonly #sites = new FutexSites()
  #observations = new Map<string, Observation>()

  constructor(memory: ProcessMemory, symbols: ProcessSymbols, runtime: Runtime) {
    this.#memory = memory
    this.#symbols = symbols
    this.#scan = new StackScan(memory, symbols)
    this.#runtime = runtime
  }

  /**
   * @param waiters threads in futex on the same address, by address.
   * @param stillThere whether the thread did not wake up while its stack was read; then null is given.
   */
  observe(call: BlockedCall, waiters: ReadonlyMap<number, number>, stillThere: () => boolean): Observation | null {
    const stack = this.#scan.scan(call.sp, call.pc)
    if (!stillThere()) return null
    const functions = stack.map((address) => this.#symbols.functionAt(address)?.name ?? null)
    const futex = call.futex ? this.#classify(call.futex, stack, functions, waiters) : null
    const key = `${call.wait} ${futex?.kind} ${futex?.state} ${futex?.lock} ${stack.join()}`
    let known = this.#observations.get(key)
    if (!known) {
      if (this.#observations.size >= OBSERVATIONS_AT_MOST) this.#observations = new Map()
      this.#observations.set(key, (known = { wait: call.wait, futex, stack, pthread: functions.some(isPthread) }))
    }
    return known
  }

  /** The thread's stack as far as it goes; null where it moved meanwhile. */
  wholeStack(call: BlockedCall, stillThere: () => boolean): readonly number[] | null {
    const stack = this.#scan.scan(call.sp, call.pc, true)
    return stillThere() ? stack : null
  }

  #classify(
    call: FutexCall,
    stack: readonly number[],
    functions: readonly (string | null)[],
    waiters: ReadonlyMap<number, number>,
  ): FutexWait {
    const site = stack[CALLER]
    if (site !== undefined) this.#sites.observe(site, call.address, call.value)
    const wait = classifyFutex(call, {
      functions,
      runtime: this.#runtime,
      waiters: waiters.get(call.address) ?? 1,
      mutexSite: site !== undefined && this.#sites.isMutex(site),
    })
    return wait.kind === 'mutex' && wait.lock === 0 && call.value === 1
      ? { ...wait, lock: parkingLotMutex(call.address, this.#memory) }
      : wait
  }
}

function isPthread(name: string | null): boolean {
  return name !== null && /^_*pthread_(mutex|rwlock)_/.test(name)
}
