import type { AnyRecord } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import { formatBytes, formatMs, formatNumber } from '../units.ts'

/** The figures of the status line, from the records as they come. */
export class LiveFigures {
  #turnMs = 0
  #lockMs = 0
  #requests = 0
  #since: Milliseconds = 0
  readonly #cpu = new Map<number, { from: number; to: number }>()
  readonly #rss = new Map<number, number>()
  readonly #threads = new Map<number, number>()

  observe(record: AnyRecord): void {
    if (record.k === 'loop' && record.pid === record.tid) {
      this.#turnMs = Math.max(this.#turnMs, record.delays.at(-1)?.[0] ?? 0)
    } else if (record.k === 'wait' && record.taken > 0) this.#lockMs += record.ms
    else if (record.k === 'http') this.#requests += record.finished
    else if (record.k === 'proc') {
      const cpu = this.#cpu.get(record.pid)
      this.#cpu.set(record.pid, { from: cpu?.from ?? record.cpuMs, to: record.cpuMs })
      this.#rss.set(record.pid, record.rss)
      this.#threads.set(record.pid, record.threads)
    } else if (record.k === 'process-exit') {
      for (const figure of [this.#cpu, this.#rss, this.#threads]) figure.delete(record.pid)
    }
  }

  /** `loop 3 ms · held up 11.2 · CPU 1.4 · 24 threads · 210 req/s · 180 MB` since the last call. */
  line(t: Milliseconds): string {
    const ms = Math.max(1, t - this.#since)
    const cpuMs = sum([...this.#cpu.values()].map(({ from, to }) => to - from))
    const parts = [
      `loop ${formatMs(this.#turnMs)}`,
      `held up ${formatNumber(this.#lockMs / ms)}`,
      `CPU ${formatNumber(cpuMs / ms)}`,
      `${sum(this.#threads.values())} threads`,
      `${formatNumber((this.#requests * 1000) / ms)} req/s`,
      formatBytes(sum(this.#rss.values())),
    ]
    this.#since = t
    this.#turnMs = 0
    this.#lockMs = 0
    this.#requests = 0
    for (const cpu of this.#cpu.values()) cpu.from = cpu.to
    return parts.join(' · ')
  }
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
