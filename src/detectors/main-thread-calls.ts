/** Synchronous calls of Node on the main threads that serve. */
import { isApplication, shortFrame } from '../analysis/frames.ts'
import type { Profiles, SyncCall } from '../analysis/signals.ts'
import { formatRatio, type Ratio, type Seconds } from '../units.ts'
import type { Place } from './detector.ts'

/** A main thread that does at least this much of what the busiest does serves too; a cluster's primary does not. */
const BUSY = 0.1
/** A module is loaded once, by the first request that needs it. */
const LOADS_MODULE = /\(node:internal\/modules/

/** The wanted ones, most time first; what loads a module once is left out. Seconds are those of one loop, on average. */
export function mainThreadCalls(
  profiles: Profiles | null,
  isWanted: (frame: string) => boolean,
): { calls: SyncCall[]; seconds: Seconds } {
  const { syncCalls, threads } = profiles ?? { syncCalls: [], threads: [] }
  const loops = threads.filter(({ main }) => main).map(({ tree }) => tree.total)
  const busyLoops = loops.filter((total) => total >= Math.max(...loops) * BUSY)
  const calls = syncCalls
    .filter(({ stack }) => isWanted(stack[0] ?? '') && !stack.some((frame) => LOADS_MODULE.test(frame)))
    .map((call) => ({ ...call, seconds: call.seconds / Math.max(1, busyLoops.length) }))
    .toSorted((a, b) => b.seconds - a.seconds)
  return { calls, seconds: calls.reduce((sum, { seconds }) => sum + seconds, 0) }
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
