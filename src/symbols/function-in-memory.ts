/** A function where it lies in a process' memory; `end` is exclusive. */
export interface FunctionInMemory {
  /** Demangled, without parameters. */
  name: string
  start: number
  end: number
}
