/** Profiles that other programs wrote. They are hostile input: bounded, checked, never evaluated. */
import type { CallTree } from '../call-tree.ts'

/** One kind of weight of a profile file, as a tree; `unit`: `ms`, `bytes`, or what is counted. */
export interface WeighedTree {
  name: string
  unit: string
  tree: CallTree
}

/** Why a file is no profile, in words that follow "why:". */
export class ProfileError extends Error {
  override readonly name = 'ProfileError'
}
