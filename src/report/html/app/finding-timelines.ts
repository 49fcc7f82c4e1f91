/** Which timeline shows a finding best. */
import type { Report } from '../../model.ts'
import type { RankedFinding } from '../../ranked-findings.ts'

/** Of findings about locks: how many threads they hold up. */
const HELD_UP = 'held-up'
const TIMELINES: Record<string, string> = {
  'async-runtime-blocked': 'turn',
  'event-loop-block-cpu': 'turn',
  'event-loop-block-sync': 'turn',
  'event-loop-rare-stall': 'turn',
  'cgroup-cpu-throttling': 'cpu',
  'cpu-saturated': 'cpu',
  'process-per-request': 'cpu',
  'spinlock-burn': 'cpu',
  oversubscription: 'run-queue',
  'noisy-neighbour': 'run-queue',
  'thundering-herd': 'run-queue',
  'gc-pressure': 'gc',
  'memory-per-thread': 'memory',
  'blocking-pool-explosion': 'threads',
  'pool-thrash': 'threads',
  'thread-leak': 'threads',
  'thread-per-request': 'threads',
  'worker-per-request': 'threads',
  'slow-upstream': 'latency',
  'delayed-ack-stall': 'latency',
  'serial-server': 'in-flight',
}

/** The one that shows it best, where the recording has it. */
export function timelineOf(
  { timelines }: Report,
  { id, locks = [] }: RankedFinding,
): Report['timelines'][number] | null {
  const wanted = TIMELINES[id] ?? (locks.length > 0 ? HELD_UP : null)
  return timelines.find((line) => line.id === wanted) ?? null
}
