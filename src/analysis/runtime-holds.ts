import type { Source } from './index-records.ts'
import { heaviest } from './lock-parts.ts'
import type { RuntimeShares } from './runtime-shares.ts'
import type { Lock } from './signals.ts'

/** How long a lock was held while others waited for it, and where, as its runtime tells. */
export function readHolds(
  pid: number,
  lock: string,
  shareOf: RuntimeShares['shareOf'],
  source: Source,
): Pick<Lock, 'holders' | 'holdPerSecond' | 'holdFidelity'> {
  const holds = source.of('runtime-hold').filter((hold) => hold.pid === pid && hold.lock === lock)
  const stacks = new Map<number, number>()
  let ms = 0
  let looks = 0
  for (const hold of holds) {
    const share = shareOf(hold)
    ms += hold.ms * share
    if (hold.stack === undefined || share === 0) continue
    looks += hold.n * share
    stacks.set(hold.stack, (stacks.get(hold.stack) ?? 0) + hold.n * share)
  }
  return {
    holders: heaviest(stacks, source).map(({ stack, weight }) => ({ stack, share: weight / looks })),
    holdPerSecond: ms > 0 ? Math.min(1, ms / source.windowMs) : null,
    holdFidelity: 'exact',
  }
}
