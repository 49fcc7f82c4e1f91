import type { Milliseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import { coresAllowed, type CgroupFolder, readText, readThrottling, type Throttling } from './cgroup-files.ts'
import { cpuGroups } from './cgroup-path.ts'

const LOOK_EVERY_MS = 1000

/** How often the CPU limits of a process' control group, and of those above it, stop it. */
export class CgroupWatch {
  readonly #sink: Sink
  /** Of /proc/PID/cgroup: a process may be moved. */
  #text: string | null = null
  #groups: CgroupFolder[] = []
  readonly #before = new Map<string, { t: Milliseconds; counted: Throttling }>()
  #lookedAt = -Infinity

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** Adds what was counted since the look before, once a second, or `now`. */
  look(t: Milliseconds, pid: number, now = false): void {
    if (!now && t - this.#lookedAt < LOOK_EVERY_MS) return
    this.#lookedAt = t
    const text = readText(`/proc/${pid}/cgroup`)
    if (text === null) return
    const isNew = text !== this.#text
    if (isNew) this.#groups = cpuGroups(pid)
    this.#text = text
    const limited = this.#groups.filter((group) => this.#count(t, group))
    const [own] = this.#groups
    if (isNew && own && limited.length === 0) {
      this.#sink.add({ k: 'cgroup', t, name: own.path, cores: null, ms: 0, periods: 0, throttled: 0, throttledMs: 0 })
    }
  }

  /** False for a group without a limit. */
  #count(t: Milliseconds, group: CgroupFolder): boolean {
    const cores = coresAllowed(group)
    const counted = cores === null ? null : readThrottling(group)
    if (!counted) return false
    const before = this.#before.get(group.path) ?? { t, counted }
    this.#before.set(group.path, { t, counted })
    const since = (field: keyof Throttling) => Math.max(0, counted[field] - before.counted[field])
    this.#sink.add({
      k: 'cgroup',
      t,
      name: group.path,
      cores,
      ms: t - before.t,
      periods: since('periods'),
      throttled: since('throttled'),
      throttledMs: since('throttledMs'),
    })
    return true
  }
}
