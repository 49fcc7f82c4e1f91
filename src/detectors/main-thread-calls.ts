/** Synchronous calls of Node on the main threads that serve. */
import { groupBy } from '../analysis/group-by.ts'
import { isApplication, shortFrame } from '../analysis/frames.ts'
import type { Profiles, SyncCall } from '../analysis/signals.ts'
import { formatRatio, type Ratio, type Seconds } from '../units.ts'
import type { Place } from './detector.ts'

/** A main thread that does at least this much of what the busiest does serves too; a cluster's primary does not. */
const BUSY = 0.1
/** A module is loaded once, by the first request that needs it. */
const LOADS_MODULE = /\(node:internal\/modules/

/** The wanted ones of the loop that they take most of, most time first; what loads a module once is left out. */
export function mainThreadCalls(
  profiles: Profiles | null,
  isWanted: (frame: string) => boolean,
): { calls: SyncCall[]; seconds: Seconds } {
  const { syncCalls, threads } = profiles ?? { syncCalls: [], threads: [] }
  const loops = threads.filter(({ main }) => main)
  const busiest = Math.max(...loops.map(({ tree }) => tree.total))
  const serving = new Set(loops.filter(({ tree }) => tree.total >= busiest * BUSY).map(({ pid }) => pid))
  const wanted = syncCalls.filter(
    ({ pid, stack }) =>
      serving.has(pid) && isWanted(stack[0] ?? '') && !stack.some((frame) => LOADS_MODULE.test(frame)),
  )
  const byLoop = [...groupBy(wanted, ({ pid }) => pid).values()].map((calls) => ({
    calls: calls.toSorted((a, b) => b.seconds - a.seconds),
    seconds: calls.reduce((sum, { seconds }) => sum + seconds, 0),
  }))
  return byLoop.toSorted((a, b) => b.seconds - a.seconds)[0] ?? { calls: [], seconds: 0 }
}

/** `readFileSync (node:fs), called by load (app.mjs:12),`: the subject of a sentence. */
export function callWithCaller({ call, stack }: SyncCall): string {
  const caller = stack.find((frame) => isApplication(frame))
  return caller ? `${call}, called by ${shortFrame(caller)},` : call
}

/** What a call with an asynchronous form takes of the main thread; and what takes more, so that nobody mends the lesser part alone. */
export function computesBeside(
  needless: SyncCall,
  of: { asyncShare: Ratio; limit: Ratio; mainThreadCpu: Ratio | null; places: readonly Place[] },
): string {
  const [share, limit] = [of.asyncShare, of.limit].map(formatRatio)
  const call = callWithCaller(needless)
  const cpu = of.mainThreadCpu ?? 0
  const more = of.places.find(
    ({ stack, share = 0 }) => !stack.includes(needless.stack[0] ?? '') && share * cpu > of.asyncShare,
  )
  const own = more?.stack.find(isApplication)
  return more && own
    ? `The main thread computes ${formatRatio(cpu)} of the time, most of it in ${shortFrame(own)} (${formatRatio((more.share ?? 0) * cpu)}), and ${share} (limit ${limit}) in ${call} whose asynchronous form computes beside it; no other request is served meanwhile.`
    : `${call} computes on the main thread ${share} of the time (limit ${limit}), and no other request is served meanwhile; its asynchronous form computes beside it.`
}
