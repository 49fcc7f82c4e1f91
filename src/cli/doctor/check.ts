/** One thing that a probe needs, as it is on this machine. */
export interface Check {
  what: string
  /** `degraded`: holdup records with less. `missing`: without this altogether. */
  state: 'ok' | 'degraded' | 'missing'
  /** What it gives; of one that fails the setting read, what it must be, and what is lost. */
  means: string
  /** The command that opens it, of one that fails. */
  command?: string
  /** Of one that fails what is lost, to follow "holdup can record here, but ". */
  but?: string
}
