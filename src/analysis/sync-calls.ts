import { AGENT_FRAME, isSyncCall, shortFrame } from './frames.ts'
import type { ProfileSample } from './profiles.ts'
import type { SyncCall } from './signals.ts'

/**
 * Synchronous calls in a main thread's wall-clock samples, by call and stack. Samples that follow each other in the same
 * call count as one: two quick calls in a row can read as one that is longer.
 */
export function findSyncCalls(pid: number, samples: readonly ProfileSample[]): SyncCall[] {
  const calls = new Map<string, SyncCall>()
  let run = { key: '', ms: 0 }
  for (const { stack, ms } of samples) {
    // Outermost first: readFileSync is the call, the openSync inside it its detail.
    const depth = stack.findIndex(isSyncCall)
    const frame = stack[depth]
    if (frame === undefined || stack.includes(AGENT_FRAME)) {
      run = { key: '', ms: 0 }
      continue
    }
    const upTo = stack.slice(0, depth + 1)
    const key = upTo.join('\n')
    let call = calls.get(key)
    if (!call)
      calls.set(
        key,
        (call = { pid, call: shortFrame(frame), seconds: 0, longestMs: 0, calls: 0, stack: upTo.toReversed() }),
      )
    if (run.key !== key) {
      run = { key, ms: 0 }
      call.calls++
    }
    run.ms += ms
    call.seconds += ms / 1000
    call.longestMs = Math.max(call.longestMs, run.ms)
  }
  return [...calls.values()]
}
