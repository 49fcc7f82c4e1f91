import { analyse } from '../analysis/analyse.ts'
import { indexRecords } from '../analysis/index-records.ts'
import { threadSamples, type ThreadSamples } from '../analysis/thread-samples.ts'
import { ATTACHED } from '../analysis/window.ts'
import type { Recording } from '../recording/read.ts'
import { THREAD_STATES } from '../report/thread-states.ts'
import type { Stretch, Trace } from '../stacks/trace.ts'

const RUNNING = 'running'
const LABELS = new Map(THREAD_STATES.map(({ id, label }) => [id, label]))

/** What a recording shows in a trace viewer. */
export function traceOf(recording: Recording): Trace {
  const source = indexRecords(recording, [0, Infinity])
  const threads = [...threadSamples(source).values()]
  const { timelines } = analyse(recording)
  return {
    pid: recording.header.target.pid,
    processes: source.of('process').map(({ pid, command }) => ({ pid, name: command })),
    threads: threads.map(({ pid, tid, role }) => ({ pid, tid, name: role.group })),
    states: threads.flatMap(stretches),
    stalls: source.of('stall').map(({ pid, tid, t, ms }) => ({ pid, tid, from: t - ms, to: t, name: 'stall' })),
    counters: timelines.map(({ title, unit, points }) => ({ name: `${title} (${unit})`, points })),
    marks: source.of('mark').flatMap(({ t, label }) => (label === ATTACHED ? [] : [{ t, name: label }])),
  }
}

/** From look to look in the state that was seen; looks that saw the same are one. */
function stretches({ pid, tid, states }: ThreadSamples): Stretch[] {
  const found: Stretch[] = []
  for (let i = 0; i + 1 < states.times.length; i++) {
    const from = states.times[i] ?? 0
    const to = states.times[i + 1] ?? 0
    const blocked = states.blockedIn(i, true)
    const wait = states.wait(i)
    const name = blocked === null ? RUNNING : `${LABELS.get(blocked)}${wait === '' ? '' : `: ${wait.split(' ')[0]}`}`
    const last = found.at(-1)
    if (last?.name === name && last.to === from) last.to = to
    else found.push({ pid, tid, from, to, name })
  }
  return found
}
