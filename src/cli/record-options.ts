import type { RecentRecords } from '../recording/recent.ts'
import type { Header } from '../recording/schema.ts'
import type { LaunchOptions } from '../targets/launch.ts'
import type { Bytes, Milliseconds } from '../units.ts'
import type { Load } from './drive-load.ts'
import type { StepOptions } from './drive-steps.ts'

export type ProbeName =
  | 'proc'
  | 'pidusage'
  | 'node'
  | 'native'
  | 'native-sampler'
  | 'tracefs'
  | 'perf'
  | 'py-spy'
  | 'jvm'
  | 'go'

/** A command to launch. */
interface Launch {
  command: readonly string[]
  env: NodeJS.ProcessEnv
  stdout: LaunchOptions['stdout']
  log?: number
}

/** What shows a recording while it is made. */
export interface LiveView {
  /** How much of the recording it looks back on; 30 s at least are kept. */
  keepMs?: Milliseconds
  /** Called once the probes are at work. `end` ends the recording, `say` tells the user. */
  start(live: {
    recent: RecentRecords
    header: Header
    now: () => Milliseconds
    end(reason: string): void
    say: (text: string) => void
  }): void
  /** Takes what holdup has to say meanwhile: it has the terminal. */
  say?(text: string): void
  /** The recording is at its end. */
  stop(): void
  /** Called when all that was measured is in `recent`; the end waits for it. */
  finish?(): Promise<void>
}

export interface RecordOptions {
  /** A pid is that of a process to attach to. */
  of: Launch | { pid: number }
  folder: string
  quiet: boolean
  durationMs: Milliseconds | null
  warmupMs: Milliseconds
  cpuProfileMs: Milliseconds | null
  maxBytes: Bytes
  /** Reports on each so long a window while it records. */
  reportEveryMs: Milliseconds | null
  probes: readonly ProbeName[]
  /** One that takes what is said stands in place of the status line. */
  live?: LiveView
  load: Load | null
  /** Steps of connections, in place of `load`. */
  steps?: StepOptions
  onPort: string | null
}
