/** A function where it lies in a process' memory; `end` is exclusive. */
export interface FunctionInMemory {
  /** Demangled, without parameters; null where the file was stripped of names. */
  name: string | null
  start: number
  end: number
}
