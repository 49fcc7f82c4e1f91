import { isApplication, shortFrame } from '../analysis/frames.ts'
import { formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

const PLACES = 2
const COMMAND_CHARACTERS = 60

export const processPerRequest = defineDetector({
  meta: {
    id: 'process-per-request',
    title: 'A process per request',
    category: 'threads',
    requires: ['processes', 'quality'],
    optional: ['runQueue'],
    thresholds: {
      perRequest: {
        default: 0.1,
        unit: 'per request',
        description: 'processes created: warning',
        source: 'holdup: a helper that stays is created once, one of a connection for many requests',
      },
      perRequestCritical: {
        default: 0.5,
        unit: 'per request',
        description: 'the same: critical',
        source: 'holdup: every second request pays for a fork and an exec',
      },
      perSecond: {
        default: 10,
        unit: 'per second',
        description: 'processes created, at the least',
        source: 'holdup: a millisecond of CPU each, that is 1 % of a core',
      },
      perSecondEach: {
        default: 2,
        unit: 'per second',
        description: 'the same, where every second request starts one: warning',
        source:
          'holdup: a tenth of a second of CPU each, as a runtime takes to start (Node, a JVM), is a fifth of a core',
      },
      perSecondAlone: {
        default: 50,
        unit: 'per second',
        description: 'processes created, at the least, where requests were not counted: warning',
        source: 'holdup: no cron job, health check or client that connects now and then comes near it',
      },
    },
  },

  detect({ signals: { processes, quality, runQueue }, limits }) {
    const { created, createdLow, fidelity } = processes
    // What is sure to have been created, where it is an estimate.
    const perSecond = createdLow / quality.windowSeconds
    if (perSecond < limits.perSecondEach) return []
    const unrelated = processes.createdPerRequest === null
    if (unrelated && perSecond < limits.perSecondAlone) return { missing: ['requests to count the processes against'] }
    const perRequest = ((processes.createdPerRequest ?? 0) * createdLow) / Math.max(created, 1)
    const worst = unrelated ? 'warning' : severityAt(perRequest, limits.perRequest, limits.perRequestCritical)
    const areFew = perSecond < limits.perSecond
    if (!worst || (areFew && worst !== 'critical')) return []
    const severity = areFew ? 'warning' : worst

    const command = processes.command.slice(0, COMMAND_CHARACTERS)
    const evidence: Evidence[] = [
      ...(unrelated
        ? []
        : [{ name: 'processes created', value: perRequest, unit: 'per request', limit: limits.perRequest, fidelity }]),
      {
        name: 'processes created',
        value: perSecond,
        unit: 'per second',
        limit: unrelated ? limits.perSecondAlone : areFew ? limits.perSecondEach : limits.perSecond,
        fidelity,
        ...((unrelated || command !== '') && {
          note: [unrelated && 'how many requests there were is not known', command && `such as ${command}`]
            .filter(Boolean)
            .join('; '),
        }),
      },
    ]
    const creator = processes.creators[0]?.stack.find(isApplication)
    const rate = unrelated
      ? `${formatNumber(perSecond)} a second (limit ${formatNumber(limits.perSecondAlone)})`
      : `${formatNumber(perRequest)} per request (limit ${formatNumber(limits.perRequest)}), ${formatNumber(perSecond)} a second`
    return [
      {
        severity,
        summary: `Processes are started at a rate of ${rate}${creator ? `, in ${shortFrame(creator)}` : ''}: each copies page tables, loads and links its program anew, and is thrown away.`,
        cost: { threadsHeldUp: runQueue?.threadSecondsPerSecond ?? null, gain: null },
        evidence,
        where: processes.creators
          .slice(0, PLACES)
          .map(({ stack, share }) => ({ role: 'started or waited for at', stack, share })),
        advice:
          'Do the work in the process, by a library. Where it needs another program, keep a few of it running and send them requests over pipes or sockets.',
      },
    ]
  },
})
