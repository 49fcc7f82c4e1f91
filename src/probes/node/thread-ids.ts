import { readdirSync, readFileSync } from 'node:fs'

/** Thread ids of a process in a pid namespace of its own, as its agent tells them, to those that holdup sees. */
export class ThreadIds {
  readonly #pid: number
  #known = new Map<number, number>()

  constructor(pid: number) {
    this.#pid = pid
  }

  /** The same id where it is not found, as of a thread that has just ended. */
  outer(inner: number): number {
    if (!this.#known.has(inner)) this.#read()
    return this.#known.get(inner) ?? inner
  }

  #read(): void {
    this.#known = new Map()
    try {
      for (const tid of readdirSync(`/proc/${this.#pid}/task`)) {
        const status = readFileSync(`/proc/${this.#pid}/task/${tid}/status`, 'latin1')
        const inner = /^NSpid:.*?(\d+)$/m.exec(status)?.[1]
        if (inner !== undefined) this.#known.set(Number(inner), Number(tid))
      }
    } catch {
      // It has ended.
    }
  }
}
