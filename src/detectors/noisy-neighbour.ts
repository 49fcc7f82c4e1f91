import type { Neighbours } from '../analysis/signals.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { meanOf } from '../analysis/mean-span.ts'
import { defineDetector, type Evidence } from './detector.ts'

export const noisyNeighbour = defineDetector({
  meta: {
    id: 'noisy-neighbour',
    title: 'Other programs take the cores',
    category: 'recording',
    requires: ['neighbours'],
    // Threads of a group that is stopped wait too; and of processes that come and go some CPU passes for that of others.
    explainedBy: ['cgroup-cpu-throttling', 'process-per-request'],
    unpaired:
      'not a fault of the target: test/e2e/noisy-neighbour.test.ts has a healthy service beside a neighbour, and alone',
    thresholds: {
      taken: {
        default: 0.3,
        unit: 'ratio',
        description:
          "of the target's threads that want to run, those that could if it were not for the others, while they crowd it",
        source: 'holdup: what needs the CPU then takes 1.4 times as long',
      },
      waiting: {
        default: 0.05,
        unit: 'threads',
        description: 'threads of the target that wait for a core meanwhile, at the least',
        source: 'holdup: what hardly wants to run is not slowed by who does',
      },
      others: {
        default: 0.25,
        unit: 'ratio',
        description: 'of the cores, those that others use: then they crowd it, if the next limit says so too',
        source: "holdup: what the kernel's own threads do for a busy service stays under it",
      },
      idle: {
        default: 0.1,
        unit: 'ratio',
        description: 'of the cores, those without work, at the most',
        source: 'holdup: with a core to spare, threads wait for each other, not for the neighbours',
      },
      time: {
        default: 0.25,
        unit: 'ratio',
        description: 'of the window, in which they crowd it, at the least',
        source: 'holdup: one request in four then meets them',
      },
      stolen: {
        default: 0.1,
        unit: 'ratio',
        description:
          'of the core time that this machine wanted, what its hypervisor gave to other machines (steal), by itself',
        source: 'holdup: each thread then runs so much slower, and no counter of the target shows it',
      },
    },
  },

  detect({ signals: { neighbours }, limits }) {
    const { cores, spans, fidelity } = neighbours
    const all = meanOf(spans)
    const crowded = spans.filter(
      ({ idle, others, stolen }) => idle <= limits.idle * cores && others + stolen >= limits.others * cores,
    )
    const then = meanOf(crowded)
    const time = then.seconds / all.seconds
    // So many of those that wait could run on what the others use.
    const taken = Math.min(then.queued, then.others + then.stolen) / then.wanted
    const isCrowded = time >= limits.time && taken >= limits.taken && then.queued >= limits.waiting
    const stolen = all.stolen / Math.max(0.01, cores - all.idle)
    const isStolen = stolen >= limits.stolen
    if (!isCrowded && !isStolen) return []
    const waitsAnyway = Math.min(all.queued, all.others + all.stolen) / all.wanted < limits.taken

    const evidence: Evidence[] = [
      { name: 'time in which they crowd it', value: time, unit: 'ratio', limit: limits.time, fidelity },
      { name: 'stolen by the hypervisor', value: stolen, unit: 'ratio', limit: limits.stolen, fidelity },
    ]
    if (isCrowded) {
      evidence.unshift(
        { name: 'kept from a core by others, meanwhile', value: taken, unit: 'ratio', limit: limits.taken, fidelity },
        {
          name: 'cores that others use, meanwhile',
          value: then.others,
          unit: 'cores',
          fidelity,
          note: named(neighbours),
        },
        { name: 'threads that want to run, meanwhile', value: then.wanted, unit: 'threads', fidelity },
        { name: 'of them waiting', value: then.queued, unit: 'threads', fidelity },
      )
    }
    const programs = neighbours.programs.map(({ name }) => name).join(', ')
    return [
      {
        severity: 'info',
        summary: isCrowded
          ? `Other programs of this machine${programs && ` (${programs})`} use ${formatNumber(then.others)} of ${formatNumber(cores)} cores for ${formatRatio(time)} of the time and leave none free: ${formatRatio(taken)} of what the target wants to run waits for them (limit ${formatRatio(limits.taken)}).`
          : `The hypervisor gives ${formatRatio(stolen)} of the core time that this machine wants to other machines (limit ${formatRatio(limits.stolen)}): all that runs here is so much slower.`,
        cost: { threadsHeldUp: all.queued, gain: null },
        // Else what waits for a core would wait without the theft too.
        ...(!isCrowded && waitsAnyway && { explains: false as const }),
        evidence,
        where: [],
        advice: isCrowded
          ? 'This is not the doing of the target: measure it where nothing else runs, or give it cores of its own (taskset, a cpuset, cpu.weight). If it is the client of a load test, drive the load from another machine.'
          : 'This is not the doing of the target: take an instance with cores of its own, or one that does not live on credits, and measure again.',
      },
    ]
  },
})

function named({ programs }: Neighbours): string {
  return programs.length === 0
    ? 'nobody that could be named'
    : programs.map(({ name, cores }) => `${name} ${formatNumber(cores)}`).join(', ')
}
