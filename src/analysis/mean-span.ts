import type { Neighbours } from './signals.ts'

type Span = Neighbours['spans'][number]

/** Means of some spans, and how long they are together. */
export function meanOf(spans: Neighbours['spans']): Span {
  const seconds = spans.reduce((sum, span) => sum + span.seconds, 0)
  const mean = (field: keyof Span) =>
    spans.reduce((sum, span) => sum + span[field] * span.seconds, 0) / Math.max(seconds, 0.001)
  const [own, others, stolen, idle] = [mean('own'), mean('others'), mean('stolen'), mean('idle')]
  return { seconds, own, others, stolen, idle, queued: mean('queued'), wanted: Math.max(0.001, mean('wanted')) }
}
