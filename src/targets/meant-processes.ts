import { ancestors, type RunningProcess } from './running-processes.ts'
import { isHoldup, isStarter } from './starter.ts'

/**
 * Of processes that fit what the user gave, those that are meant: never holdup nor what started it, rather a runtime
 * than what started it (npm, a shell), and of a family the eldest, for its children are recorded with it.
 */
export function meantProcesses(
  matching: readonly RunningProcess[],
  running: ReadonlyMap<number, RunningProcess>,
): RunningProcess[] {
  const above = new Set(ancestors(process.pid, running))
  const others = matching.filter((each) => !isHoldup(each) && each.pid !== process.pid)
  const runtimes = others.filter((each) => !isStarter(each))
  if (runtimes.length > 0) return eldest(runtimes, running)
  const starters = others.filter(({ pid }) => !above.has(pid))
  return eldest(starters, running).map((starter) => startedBy(starter, running) ?? starter)
}

/** Those that are not below another of them. */
function eldest(processes: readonly RunningProcess[], running: ReadonlyMap<number, RunningProcess>): RunningProcess[] {
  const pids = new Set(processes.map(({ pid }) => pid))
  return processes.filter(({ pid }) => !ancestors(pid, running).some((above) => pids.has(above)))
}

/** The one runtime below a starter, if it is one. */
function startedBy(starter: RunningProcess, running: ReadonlyMap<number, RunningProcess>): RunningProcess | undefined {
  const below = [...running.values()].filter(
    (each) => !isStarter(each) && !isHoldup(each) && ancestors(each.pid, running).includes(starter.pid),
  )
  const [only, another] = eldest(below, running)
  return another ? undefined : only
}
