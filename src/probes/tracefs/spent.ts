import type { RecordOf } from '../../recording/schema.ts'
import type { Nanoseconds } from '../../units.ts'

type Threads = RecordOf<'native-threads'>
type Row = Threads['exited']

const MS = 1e-6
const LOCK = 0
const IDLE = 1
const JOIN = 2
const UNCLASSIFIED = 3
const POLL = 4
const CLASSES: Readonly<Record<RecordOf<'native-wait'>['kind'] | 'poll', number>> = {
  mutex: LOCK,
  'rwlock-read': LOCK,
  'rwlock-write': LOCK,
  'futex-lock': LOCK,
  condition: IDLE,
  'futex-idle': IDLE,
  join: JOIN,
  semaphore: UNCLASSIFIED,
  park: UNCLASSIFIED,
  poll: POLL,
}

/** What the threads of one process have spent in waits since it is looked at, by class. */
export class SpentByThreads {
  readonly #threads = new Map<number, Row>()
  readonly #exited: Row = [0, 0, 0, 0, 0]

  add(tid: number, kind: keyof typeof CLASSES, ns: Nanoseconds): void {
    let row = this.#threads.get(tid)
    if (!row) this.#threads.set(tid, (row = [0, 0, 0, 0, 0]))
    const at = CLASSES[kind]
    row[at] = (row[at] ?? 0) + ns * MS
  }

  /** The thread is gone. */
  end(tid: number): void {
    this.#threads.get(tid)?.forEach((ms, i) => (this.#exited[i] = (this.#exited[i] ?? 0) + ms))
    this.#threads.delete(tid)
  }

  rows(): Pick<Threads, 'rows' | 'exited'> {
    return { rows: [...this.#threads].map(([tid, row]) => [tid, ...row]), exited: [...this.#exited] as Row }
  }
}
