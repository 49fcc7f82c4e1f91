import type { AnyRecord } from './schema.ts'

/** Where records go: the recorder. No call ever blocks or throws. */
export interface Sink {
  /** Interns text, shortened to the format's limit. */
  string(text: string): number
  /** Interns a stack, leaf first. */
  stack(frames: readonly string[]): number
  add(record: AnyRecord): void
}
