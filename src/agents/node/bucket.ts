/** Whether one more may: so many at once, and then so many a second. `now`: in ms. */
export function bucket(burst: number, perSecond: number, now: () => number): () => boolean {
  let tokens = burst
  let filledAt = now()
  return () => {
    const t = now()
    tokens = Math.min(burst, tokens + ((t - filledAt) * perSecond) / 1000)
    filledAt = t
    return tokens >= 1 && tokens-- >= 1
  }
}
