import type { Milliseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import { coresAllowed, type CgroupFolder, readText, readThrottling, type Throttling } from './cgroup-files.ts'
import { cpuGroups } from './cgroup-path.ts'

/** How often the CPU limits of a process' control group, and of those above it, stop it. */
export class CgroupWatch {
  readonly #sink: Sink
  /** Of /proc/PID/cgroup: a process may be moved. */
  #text: string | null = null
  #groups: CgroupFolder[] = []
  /** Groups that holdup and its load run in too, and use up as well. */
  readonly #shared = new Set(cpuGroups(process.pid).map(({ path }) => path))
  readonly #before = new Map<string, { t: Milliseconds; counted: Throttling }>()

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** Adds what each group with a limit counted since the look before; where none has one, that the process' own has none. */
  look(t: Milliseconds, pid: number): void {
    const text = readText(`/proc/${pid}/cgroup`)
    if (text === null) return
    if (text !== this.#text) this.#groups = cpuGroups(pid)
    this.#text = text
    const limited = this.#groups.filter((group) => this.#count(t, group))
    const [own] = this.#groups
    if (own && limited.length === 0)
      this.#sink.add({ k: 'cgroup', t, name: own.path, cores: null, ms: 0, periods: 0, throttled: 0, throttledMs: 0 })
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
      ...(this.#shared.has(group.path) && { shared: true }),
    })
    return true
  }
}
