/** The stretch of time that the reader picked in a timeline: all that can be told of a part follows it. */
import type { Seconds } from '../../../units.ts'

/** Null: all that was judged. */
export type Picked = readonly [from: Seconds, to: Seconds] | null

const followers: ((picked: Picked) => void)[] = []
let now: Picked = null

/** Picks a stretch; charts that follow tell it again, which changes nothing. */
export function pick(picked: Picked): void {
  if (picked?.[0] === now?.[0] && picked?.[1] === now?.[1]) return
  now = picked
  for (const follow of followers) follow(picked)
}

/** Calls back whenever another stretch is picked. */
export function onPick(follow: (picked: Picked) => void): void {
  followers.push(follow)
}

/** What is picked now. */
export function picked(): Picked {
  return now
}

/** What a chart shows, as a stretch that is picked: all of the recording is none. */
export function wholeOr(range: readonly [Seconds, Seconds], seconds: Seconds): Picked {
  return range[0] <= 0 && range[1] >= seconds ? null : range
}
