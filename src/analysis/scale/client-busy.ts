import type { Ratio } from '../../units.ts'
import type { Client, Http } from '../signals.ts'

/** Of its one thread: above this it makes no more requests than it has CPU for. */
export const BUSY_CORES = 0.9
/** The client's own delay, of the median latency: above this what it measures is mostly itself. */
export const DELAY_SHARE: Ratio = 0.5
/** A delay under this is none. */
export const DELAY_MS = 5

const LIMITS = { cores: BUSY_CORES, delay: DELAY_SHARE, delayMs: DELAY_MS }

/** Whether the client, not the server, limits what was measured. */
export function isClientBusy({ cores, lagMs, pacingMs }: Client, http: Http | null, limits = LIMITS): boolean {
  const p50 = http?.latencyMs.p50 ?? 0
  const delay = Math.max(lagMs.p50, pacingMs?.p50 ?? 0)
  return cores >= limits.cores || (delay >= limits.delayMs && delay >= limits.delay * p50)
}
