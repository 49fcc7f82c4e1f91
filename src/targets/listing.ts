/** A process as one listing of the machine shows it. */
export interface ListedProcess {
  pid: number
  ppid: number
  /** When it started, in the listing's own unit: with the pid it names a process for good. */
  start: number
  /** Its session's leader, 0 where the listing does not tell. */
  session: number
  /** Its redacted command line. */
  command: () => string
}

/** A way of listing every process of the machine. */
export interface Listing {
  /** How far `start` may differ between two listings of one process. */
  startTolerance: number
  /** What is known without waiting; `members` are to be looked at afresh. */
  list(members: ReadonlySet<number>): ReadonlyMap<number, ListedProcess>
  /** Resolves once `list` gives what is true now. */
  refresh(): Promise<void>
}
