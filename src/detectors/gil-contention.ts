import type { Profiles } from '../analysis/signals.ts'
import { heaviestStacks } from '../stacks/call-tree.ts'
import { mergeTrees } from '../stacks/pack.ts'
import { formatNumber } from '../units.ts'
import { defineDetector, type Evidence, type Place } from './detector.ts'
import { placesOf } from './lock-queue.ts'
import { severityAt } from './severity.ts'

const SHOWN = 3
/** A function in Python's own sources. */
const PYTHON = /\.py:\d+\)$/

export const gilContention = defineDetector({
  meta: {
    id: 'gil-contention',
    title: "Threads that wait for Python's interpreter lock",
    category: 'locks',
    requires: ['lockWait', 'cpu'],
    optional: ['profiles'],
    thresholds: {
      threadsHeldUp: {
        default: 1,
        unit: 'threads',
        description: 'threads that wait for the interpreter lock of a process, on average: warning',
        source: 'holdup: with a core each, twice as many would run Python code',
      },
      threadsHeldUpCritical: {
        default: 4,
        unit: 'threads',
        description: 'the same: critical',
        source: 'holdup: a thread that has something to do waits four times as long as it runs',
      },
      freeCores: {
        default: 0.25,
        unit: 'cores',
        description: 'cores that nobody uses, at the least',
        source: 'holdup: without the lock, threads would then wait for a core instead',
      },
    },
  },

  detect({ signals: { lockWait, cpu, profiles }, limits }) {
    const free = cpu.available - cpu.cores
    const gils = lockWait.locks.filter(({ kind, role }) => kind === 'gil' && role === 'lock')
    const [gil, ...others] = gils.toSorted((a, b) => b.heldUp - a.heldUp)
    if (!gil || free < limits.freeCores) return []
    const severity = severityAt(gil.heldUp, limits.threadsHeldUp, limits.threadsHeldUpCritical)
    if (!severity) return []
    const { fidelity, waiterThreads } = gil
    // Their holders wait for the interpreter of their process.
    const behind = lockWait.locks.filter(
      ({ kind, role, pid, heldUp }) =>
        kind === 'mutex' && role === 'lock' && gils.some((own) => own.pid === pid && heldUp < own.heldUp),
    )
    const evidence: Evidence[] = [
      { name: 'threads held up', value: gil.heldUp, unit: 'threads', limit: limits.threadsHeldUp, fidelity },
      { name: 'different waiters', value: waiterThreads, unit: 'threads', fidelity },
      { name: 'cores used', value: cpu.cores, unit: 'cores', fidelity: cpu.fidelity },
      { name: 'cores free', value: free, unit: 'cores', limit: limits.freeCores, fidelity: cpu.fidelity },
      ...others.map(({ id, heldUp, pid }): Evidence => {
        return { name: `held up by ${id}`, value: heldUp, unit: 'threads', fidelity, note: `process ${pid}` }
      }),
      ...behind.slice(0, SHOWN).map(({ id, heldUp, name }): Evidence => {
        return { name: `held up by ${id}`, value: heldUp, unit: 'threads', fidelity, note: name }
      }),
    ]
    return [
      {
        severity,
        summary: `${formatNumber(gil.heldUp)} threads on average wait for Python's interpreter lock (limit ${formatNumber(limits.threadsHeldUp)}): only one of them runs Python code at a time, and ${formatNumber(cpu.cores)} of ${formatNumber(cpu.available)} cores are in use.`,
        cost: { threadsHeldUp: gil.heldUp, gain: null },
        evidence,
        where: [...whoRuns(profiles, gil.pid), ...placesOf(gil)],
        advice:
          'Serve from processes, one for each core (gunicorn --workers, uvicorn --workers, multiprocessing), rather than from more threads; move the hot loop into code that gives the lock back (NumPy, a C or Rust extension); or use a free-threaded Python (3.13t or newer).',
        locks: [...gils, ...behind].map(({ id }) => id),
      },
    ]
  },
})

/** Python's functions on CPU, of threads that have the lock. Of the interpreter's own nothing is to be learned. */
function whoRuns(profiles: Profiles | null, pid: number): Place[] {
  const trees = profiles?.threads.filter((thread) => thread.pid === pid).map(({ tree }) => tree) ?? []
  const all = mergeTrees(trees, '')
  return heaviestStacks(all, SHOWN)
    .filter(({ stack }) => stack.some((frame) => PYTHON.test(frame)))
    .map(({ stack, weight }) => ({ role: 'on CPU, with the lock', stack, share: weight / all.total }))
}
