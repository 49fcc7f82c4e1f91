import { formatNumber, type Milliseconds, type Seconds } from '../../units.ts'
import type { Probe, ProbeContext, TargetProcess } from '../probe.ts'
import { AcceptQueues } from './accept-queues.ts'
import { CgroupWatch } from './cgroup-watch.ts'
import { MachineWatch } from './machine-watch.ts'
import { Sampling } from './sampling.ts'
import { PERIOD_MS, SweepTimer } from './sweep-timer.ts'
import { TrackedProcess } from './tracked-process.ts'

const RECORD_OWN_EVERY_MS = 1000
const LOOK_AROUND_EVERY_MS = 1000

/**
 * The probe `proc`: every process and thread of the target as Linux shows them in /proc, about ten times a second.
 * Needs `procAvailable()`. Its `note` says what this machine did not let it see, from `start` on.
 */
export class ProcProbe implements Probe {
  readonly id = 'proc'
  readonly fidelity = 'sampled'
  readonly signals = [
    'cpu',
    'memory',
    'threads',
    'processes',
    'switches',
    'runQueue',
    'threadTime',
    'cgroup',
    'neighbours',
    'acceptQueue',
    'upstreams',
    'clientSockets',
  ]
  note?: string
  readonly #timer = new SweepTimer(() => this.#sweep())
  readonly #processes = new Map<number, TrackedProcess>()
  /** The list of processes as last seen, and who of it has gone since: a pid of the next list may be another's. */
  #listed: readonly TargetProcess[] = []
  readonly #gone = new Set<number>()
  readonly #notes = new Map<string, string>()
  #context: ProbeContext | null = null
  #sampling: Sampling | null = null
  #cgroup: CgroupWatch | null = null
  #machine: MachineWatch | null = null
  #queues: AcceptQueues | null = null
  #lookedAt: Milliseconds = -Infinity
  #reportedAt: Milliseconds = 0

  start(context: ProbeContext): void {
    this.#context = context
    this.#sampling = new Sampling(context.sink)
    this.#cgroup = new CgroupWatch(context.sink)
    this.#machine = new MachineWatch(context.sink, this.#sampling.tickMs)
    this.#queues = new AcceptQueues(context.sink)
    this.#reportedAt = context.now()
    if (!this.#sampling.hasSchedstat)
      this.#say('schedstat', 'run-queue delay unknown: this kernel does not count it (CONFIG_SCHED_INFO)')
    if (!this.#sampling.hasSyscall)
      this.#say('syscall', 'what blocked threads wait for unknown: this kernel has no /proc/PID/syscall')
    this.#timer.start()
    this.#noteLimits()
  }

  stop(): void {
    if (!this.#context) return
    this.#timer.stop()
    this.#timer.run()
    const t = this.#context.now()
    this.#reportOwn(t)
    this.#lookAround(this.#context)
    this.#queues?.record(t)
    for (const process of this.#processes.values()) {
      process.countSwitches(t)
      process.close()
    }
    this.#processes.clear()
    this.#context = null
  }

  cost(): { cpuSeconds: Seconds; dropped: number } {
    return { cpuSeconds: this.#timer.cpuSeconds, dropped: this.#sampling?.failed ?? 0 }
  }

  #sweep(): void {
    const context = this.#context
    if (!context) return
    this.#followProcesses(context)
    for (const process of this.#processes.values()) {
      const t = context.now()
      if (process.sweep(t)) continue
      process.exit(t)
      this.#processes.delete(process.pid)
      this.#gone.add(process.pid)
    }
    const t = context.now()
    this.#queues?.look(t, [...this.#processes.keys()])
    if (t - this.#lookedAt >= LOOK_AROUND_EVERY_MS) this.#lookAround(context)
    if (t - this.#reportedAt >= RECORD_OWN_EVERY_MS) this.#reportOwn(t)
  }

  /** What the target runs in. */
  #lookAround(context: ProbeContext): void {
    const t = context.now()
    this.#lookedAt = t
    const pids = context.processes().map(({ pid }) => pid)
    if (pids[0] === undefined) return
    this.#cgroup?.look(t, pids[0])
    this.#machine?.look(t, pids)
  }

  #followProcesses(context: ProbeContext): void {
    const sampling = (this.#sampling ??= new Sampling(context.sink))
    const listed = context.processes()
    if (listed !== this.#listed) this.#gone.clear()
    this.#listed = listed
    for (const entry of listed) {
      if (this.#gone.has(entry.pid)) continue
      let process = this.#processes.get(entry.pid)
      if (!process) {
        process = new TrackedProcess(entry.pid, sampling, context.sink)
        this.#processes.set(entry.pid, process)
      }
      process.describe(entry, context.now())
    }
  }

  #reportOwn(t: Milliseconds): void {
    this.#reportedAt = t
    this.#context?.sink.add({ k: 'recorder', t, ...this.#timer.takePunctuality() })
    this.#noteLimits()
  }

  #noteLimits(): void {
    const denied = [...this.#processes.values()].filter(({ syscallDenied }) => syscallDenied)
    if (denied.length > 0) {
      this.#say(
        'denied',
        `what blocked threads of pid ${denied.map(({ pid }) => pid).join(', ')} wait for unknown: not permitted; ` +
          'run holdup as the same user, launch the target with `holdup run`, or use sudo (CAP_SYS_PTRACE)',
      )
    }
    if (this.#timer.periodMs > PERIOD_MS) {
      this.#say(
        'period',
        `sweeps every ${formatNumber(this.#timer.periodMs)} ms, not ${PERIOD_MS}: one takes ${formatNumber(this.#timer.sweepMs)} ms`,
      )
    }
  }

  #say(topic: string, text: string): void {
    this.#notes.set(topic, text)
    this.note = [...this.#notes.values()].join('; ')
  }
}
