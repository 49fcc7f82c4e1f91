import type { AnyRecord, Header } from './schema.ts'

/** A recording as read: checked, and safe to index with whatever ids its records hold. */
export interface Recording {
  header: Header
  /** All but the interned texts and stacks, in order of `t`. */
  records: AnyRecord[]
  /** By string id. */
  strings: string[]
  /** By stack id: string ids, leaf first. */
  stacks: number[][]
  /** What was wrong with it that did not keep it from being read. */
  problems: {
    /** Lines that are no records of this format. */
    invalidLines: number
    /** Records of kinds that this version doesn't know. */
    unknownKinds: number
    /** Why it ends before its end; null for a whole one. */
    cutOff: string | null
  }
  /** Path of the file that was read. */
  file: string
}
