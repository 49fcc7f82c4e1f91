import { Worker } from 'node:worker_threads'
import type { PerSecond } from '../units.ts'

/**
 * Calls back when requests of a steady rate are due, with how many are by then. Timers of Node are a millisecond coarse, so a
 * thread of its own sleeps until each moment (a futex: some 0.05 ms late) and sends word.
 */
export class Pacer {
  readonly #thread: Worker
  /** Turns 1 when the thread has to end. */
  readonly #cell = new Int32Array(new SharedArrayBuffer(4))

  /** `startNs`: when the first one is due, on the machine's monotonic clock. */
  constructor(rate: PerSecond, startNs: bigint, due: (count: number) => void) {
    // As text: a file of its own would have to be compiled for the thread, in tests too.
    const source = `(${sleepFromMomentToMoment.toString()})(require('node:worker_threads'))`
    this.#thread = new Worker(source, { eval: true, execArgv: [], workerData: { rate, startNs, cell: this.#cell } })
    this.#thread.on('message', due)
  }

  stop(): void {
    this.#thread.removeAllListeners('message')
    Atomics.store(this.#cell, 0, 1)
    Atomics.notify(this.#cell, 0)
  }
}

/** What the thread runs; it can use nothing of this file. */
function sleepFromMomentToMoment({ parentPort, workerData }: typeof import('node:worker_threads')): void {
  const { rate, startNs, cell } = workerData as { rate: number; startNs: bigint; cell: Int32Array }
  const periodNs = 1e9 / rate
  let due = 0
  while (Atomics.load(cell, 0) === 0) {
    const passedNs = Number(process.hrtime.bigint() - startNs)
    const now = Math.floor(passedNs / periodNs) + 1
    if (now > due) {
      due = now
      parentPort?.postMessage(due)
    }
    const nextNs = due * periodNs - Number(process.hrtime.bigint() - startNs)
    if (nextNs > 0) Atomics.wait(cell, 0, 0, nextNs / 1e6)
  }
}
