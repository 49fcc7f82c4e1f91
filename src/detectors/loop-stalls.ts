/** What an event-loop stall says of the service: which ones are its own doing, and what they cost. */
import { isSyncCall } from '../analysis/frames.ts'
import type { EventLoop, Http, Stall } from '../analysis/signals.ts'
import type { Milliseconds, Ratio, Seconds } from '../units.ts'

/** A request that takes this many times as long as the usual one is another kind of request. */
const UNLIKE = 5
/** Node calls that end in Sync but compute rather than wait; each has a form that does so in libuv's pool. */
const COMPUTES = /\(node:(internal\/)?(crypto|zlib)/

/** Length of a stall without the time that its thread was ready but had no core: that is other threads' doing. */
export function ownMs({ ms, queuedMs }: Stall): Milliseconds {
  return Math.max(0, ms - (queuedMs ?? 0))
}

/** True for a call that returns when the kernel, a child or another thread is done; compressing and hashing are CPU. */
export function isWaitingCall(frame: string): boolean {
  return isSyncCall(frame) && !COMPUTES.test(frame)
}

/** True for a call that computes on the main thread what its asynchronous form would compute beside it. */
export function isComputingCall(frame: string): boolean {
  return isSyncCall(frame) && COMPUTES.test(frame)
}

/** Stalls of at least `minMs` of the thread's own that JavaScript spent computing. */
export function computingStalls({ stalls }: EventLoop, minMs: Milliseconds): Stall[] {
  return stalls.filter((stall) => stall.cause === 'cpu' && ownMs(stall) >= minMs && !isMostlyWaiting(stall))
}

/** Mostly in a call that waits. Copying a file out of the page cache is CPU too, but its fault is the synchronous call. */
export function isMostlyWaiting({ stacks }: Stall): boolean {
  return share(stacks.filter(({ stack }) => stack.some(isWaitingCall))) > share(stacks) / 2
}

/**
 * True where turns are long because many short requests are served together: one costs less than `requestMs` of the main
 * thread, and the server saw none that took `longMs` while the usual one was quick.
 */
export function servesBatches(
  eventLoop: EventLoop,
  http: Http | null,
  { requestMs, longMs }: { requestMs: Milliseconds; longMs: Milliseconds },
): boolean {
  const cpuMs = cpuMsPerRequest(eventLoop, http)
  if (cpuMs === null || !http) return false
  const { p50, p99 } = http.latencyMs
  return cpuMs < requestMs && (p99 < longMs || p99 < p50 * UNLIKE)
}

/** Main-thread CPU of one request, at the most where that CPU is unknown; null without requests. */
export function cpuMsPerRequest({ mainThreadCpu, requestShare }: EventLoop, http: Http | null): Milliseconds | null {
  const perSecond = http ? http.perSecond * requestShare : 0
  return perSecond === 0 ? null : ((mainThreadCpu ?? 1) * 1000) / perSecond
}

/** Requests in flight that one loop stops, on average: of several processes those of the one that is stopped. */
export function requestsStopped(share: Ratio, { requestShare }: EventLoop, http: Http | null): number | null {
  return http && share * requestShare * http.inFlightMean
}

/** True where several stalls could be computing or waiting: the thread's CPU time was not measured. */
export function areUnexplained({ stalls }: EventLoop): boolean {
  return stalls.filter(({ cause }) => cause === 'unknown').length > 1
}

/** Share of the window in which the worst loop stood in these stalls: each process has a loop of its own. */
export function blockedShare(stalls: readonly Stall[], windowSeconds: Seconds): Ratio {
  const byProcess = new Map<number, Milliseconds>()
  for (const stall of stalls) byProcess.set(stall.pid, (byProcess.get(stall.pid) ?? 0) + ownMs(stall))
  return Math.max(0, ...byProcess.values()) / 1000 / windowSeconds
}

/** Share of a stall that these of its stacks account for. */
export function share(stacks: Stall['stacks']): Ratio {
  return stacks.reduce((sum, stack) => sum + stack.share, 0)
}
