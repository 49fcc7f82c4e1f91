import type { Milliseconds } from '../units.ts'
import { estimateChildren } from './churn.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import { heaviest } from './lock-parts.ts'
import type { Processes } from './signals.ts'

/** Ids are given out in turn: none comes back so soon. */
const REUSED_AFTER_MS: Milliseconds = 2000
/** What a parent does with a child: makes it, or waits for its end. */
const WITH_CHILD = /^(v?fork|clone3?|wait4|waitid)\b/

/**
 * Processes that began in the window: those that the native agent came into, that Node's spawned and that the process list
 * shows; where more came and went unseen, what their ids say.
 */
export function readProcesses(source: Source, requests: number | null): Processes | null {
  if (source.of('process').length === 0) return null
  // One that changes its command, as a shell does that ends in exec, is recorded again: its first record is its birth.
  const births = [...source.of('process'), ...source.of('native')]
  const before = new Set(births.flatMap(({ t, pid }) => (t <= source.window[0] ? [pid] : [])))
  const counted = countedBirths(source, before)
  const born = new Set(source.within('process').flatMap(({ pid }) => (before.has(pid) ? [] : [pid])))
  for (const record of source.within('child')) born.add(record.child)
  for (const { pid } of counted) born.delete(pid)
  const seen = born.size + counted.length
  const unseen = estimateUnseen(source)
  const low = Math.max(seen, unseen.low)
  const high = counted.length > 0 ? low : Math.max(low, unseen.high)
  const created = (low + high) / 2
  return {
    created: Math.round(created),
    createdLow: Math.round(low),
    createdHigh: Math.round(high),
    createdPerRequest: requests ? created / requests : null,
    command: commonCommand(source, before),
    creators: creatorsOf(source),
    fidelity: counted.length > 0 && unseen.low <= seen ? 'exact' : 'sampled',
  }
}

/** Each that the native agent came into; an id that comes back much later is another process, soon after it is the same after exec. */
function countedBirths(source: Source, before: ReadonlySet<number>): { pid: number }[] {
  const latest = new Map<number, Milliseconds>()
  return source.within('native').filter(({ t, pid }) => {
    const earlier = latest.get(pid) ?? (before.has(pid) ? t : -Infinity)
    latest.set(pid, t)
    return t - earlier > REUSED_AFTER_MS
  })
}

function estimateUnseen(source: Source): { low: number; high: number } {
  const byPid = groupBy(source.within('churn'), ({ pid }) => pid)
  const estimates = [...byPid.values()].map(estimateChildren).filter((estimate) => estimate !== null)
  const sum = (bound: 'low' | 'high') => estimates.reduce((total, estimate) => total + estimate[bound], 0)
  return { low: sum('low'), high: sum('high') }
}

function commonCommand(source: Source, before: ReadonlySet<number>): string {
  const records = [...source.within('process').filter(({ pid }) => !before.has(pid)), ...source.within('child')]
  const commands = [...groupBy(records, ({ command }) => command)]
  return commands.toSorted((a, b) => b[1].length - a[1].length)[0]?.[0] ?? ''
}

function creatorsOf(source: Source): Processes['creators'] {
  const stacks = new Map<number | undefined, number>()
  const add = (stack: number | undefined, weight: number) => stacks.set(stack, (stacks.get(stack) ?? 0) + weight)
  const children = source.within('child')
  for (const { stack } of children) add(stack, 1)
  if (children.length === 0) {
    for (const { wait, stack, ms } of source.within('blocked')) if (WITH_CHILD.test(source.text(wait))) add(stack, ms)
  }
  const found = heaviest(stacks, source)
  const total = found.reduce((sum, { weight }) => sum + weight, 0)
  return found.map(({ stack, weight }) => ({ stack, share: weight / total }))
}
