import { cpus } from 'node:os'
import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'

const BEAT_MS = 10
/** Timers of Node are that coarse: a beat this late is in time. */
const GRAIN_MS = 1

/** What the load process is short of, if anything: else the server would be blamed for it. */
export class SelfWatch {
  readonly #lags = new Map<Milliseconds, number>()
  #cpu = process.cpuUsage()
  #busyMs = machineBusyMs()
  #beat = performance.now()

  constructor() {
    setInterval(() => {
      const now = performance.now()
      const lag = Math.max(0, Math.round(now - this.#beat - BEAT_MS - GRAIN_MS))
      this.#lags.set(lag, (this.#lags.get(lag) ?? 0) + 1)
      this.#beat = now
    }, BEAT_MS).unref()
  }

  /** Since the call before: its CPU, how late its beats came, and the CPU time of the whole machine. */
  take(): Required<Pick<RecordOf<'load'>, 'cpuMs' | 'lag' | 'busyMs'>> {
    const { user, system } = process.cpuUsage(this.#cpu)
    this.#cpu = process.cpuUsage()
    const busyMs = machineBusyMs()
    const taken = {
      cpuMs: (user + system) / 1000,
      lag: [...this.#lags].toSorted(([a], [b]) => a - b),
      busyMs: busyMs - this.#busyMs,
    }
    this.#busyMs = busyMs
    this.#lags.clear()
    return taken
  }
}

/** CPU time of all cores since the machine started, but for what was idle. */
function machineBusyMs(): Milliseconds {
  return cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.irq, 0)
}
