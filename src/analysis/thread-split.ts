import type { Milliseconds } from '../units.ts'
import type { ThreadState } from './signals.ts'
import type { Counter } from './counters.ts'
import type { ThreadSamples } from './thread-samples.ts'

export type Span = readonly [from: Milliseconds, to: Milliseconds]

/** Time in each state. */
export type Split = Record<ThreadState, Milliseconds>

const STATES = ['onCpu', 'runnable', 'lockWait', 'idleWait', 'ioWait', 'sleeping', 'unknown'] as const
const ON_CPU = STATES.indexOf('onCpu')
const RUNNABLE = STATES.indexOf('runnable')
/** Seen running: it says nothing of the time that the thread was blocked. */
const RUNNING = -1

export function emptySplit(): Split {
  return { onCpu: 0, runnable: 0, lockWait: 0, idleWait: 0, ioWait: 0, sleeping: 0, unknown: 0 }
}

/**
 * A thread's time in each of the spans, which follow each other, by state: on CPU and runnable as the scheduler counted them, the rest
 * by what the thread was blocked in when it was looked at. `counted`: its futex waits are idle until the agent says otherwise.
 */
export function splitThread(thread: ThreadSamples, spans: readonly Span[], counted: boolean): Split[] {
  const { states, cpu, queued } = thread
  const { times } = states
  // States by their number, all spans in one row: a report of an hour comes by here millions of times.
  const stateOf = Int8Array.from(times, (_, i) => {
    const state = states.blockedIn(i, counted)
    return state === null ? RUNNING : STATES.indexOf(state)
  })
  const usual = usualState(stateOf)
  const blockedIn = (i: number) => (stateOf[i] === RUNNING ? usual : (stateOf[i] ?? usual))
  const sums = new Float64Array(spans.length * STATES.length)
  const add = (at: number, state: number, ms: Milliseconds): void => {
    sums[at * STATES.length + state] = (sums[at * STATES.length + state] ?? 0) + ms
  }
  let first = 0
  for (let i = 1; i < times.length; i++) {
    const t0 = times[i - 1] ?? 0
    const t1 = times[i] ?? 0
    if (t1 <= t0) continue
    while ((spans[first]?.[1] ?? Infinity) <= t0) first++
    for (let at = first; (spans[at]?.[0] ?? Infinity) < t1; at++) {
      const overlap = Math.min(t1, spans[at]?.[1] ?? 0) - Math.max(t0, spans[at]?.[0] ?? 0)
      if (overlap <= 0) continue
      const share = overlap / (t1 - t0)
      const onCpu = step(cpu, i) * share
      const runnable = step(queued, i) * share
      // Ticks of the counters and of our clock differ a little: never count more than the time there was.
      const scale = Math.min(1, overlap / Math.max(onCpu + runnable, 1e-9))
      const blocked = overlap - (onCpu + runnable) * scale
      add(at, ON_CPU, onCpu * scale)
      add(at, RUNNABLE, runnable * scale)
      add(at, blockedIn(i - 1), blocked / 2)
      add(at, blockedIn(i), blocked / 2)
    }
  }
  return spans.map((_, at) => {
    const split = emptySplit()
    STATES.forEach((state, i) => (split[state] = sums[at * STATES.length + i] ?? 0))
    return split
  })
}

/** Takes a measured lock wait out of what looked idle. */
export function moveLockWait(split: Split, lockWaitMs: Milliseconds): void {
  for (const from of ['idleWait', 'unknown', 'ioWait', 'sleeping'] as const) {
    const moved = Math.min(split[from], lockWaitMs)
    split[from] -= moved
    split.lockWait += moved
    lockWaitMs -= moved
  }
}

function step({ values }: Counter, i: number): number {
  return Math.max(0, (values[i] ?? 0) - (values[i - 1] ?? 0))
}

/** What a thread that was seen running at both ends of a gap was most likely blocked in between: what it mostly is. */
function usualState(states: Int8Array): number {
  const counts = STATES.map(() => 0)
  for (const state of states) if (state !== RUNNING) counts[state] = (counts[state] ?? 0) + 1
  const most = Math.max(...counts)
  return most === 0 ? STATES.indexOf('unknown') : counts.indexOf(most)
}
