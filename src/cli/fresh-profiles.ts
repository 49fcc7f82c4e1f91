import { groupBy } from '../analysis/group-by.ts'
import { indexRecords } from '../analysis/index-records.ts'
import { profileSamples, readProfiles } from '../analysis/profiles.ts'
import { threadSamples } from '../analysis/thread-samples.ts'
import type { RecentRecords } from '../recording/recent.ts'
import type { AnyRecord, Header } from '../recording/schema.ts'
import type { CallTree } from '../stacks/call-tree.ts'
import { mergeTrees } from '../stacks/pack.ts'
import type { Milliseconds } from '../units.ts'
import { recentData } from './latest-report.ts'

/** The CPU profile of some pieces: a tree a thread group, in ms of CPU time. */
interface FreshProfile {
  groups: { group: string; tree: CallTree }[]
  from: Milliseconds
  to: Milliseconds
}

/**
 * The CPU profile as it comes: its pieces end when they end, a worker's is up to 30 s long, so that of no window all is there
 * at its end. Each piece is in one profile only.
 */
export class FreshProfiles {
  readonly #taken = new WeakSet<AnyRecord>()

  /** What came since the last time, its time in the run queue left out as a report does; null of nothing. */
  take(recent: RecentRecords, header: Header, t: Milliseconds): FreshProfile | null {
    const data = recentData(recent, header, t)
    const records = data.records.filter((record) => !isPiece(record) || !this.#taken.has(record))
    const pieces = records.filter(isPiece)
    if (pieces.length === 0) return null
    for (const piece of pieces) this.#taken.add(piece)
    const source = indexRecords({ ...data, records }, [-1, Infinity])
    const profiles = readProfiles(source, profileSamples(source), threadSamples(source))
    const groups = [...groupBy(profiles?.threads ?? [], ({ group }) => group)].map(([group, threads]) => {
      return {
        group,
        tree: mergeTrees(
          threads.map(({ tree }) => tree),
          group,
        ),
      }
    })
    const times = pieces.flatMap(timesOf)
    return { groups, from: least(times), to: most(times) }
  }
}

type Piece = Extract<AnyRecord, { k: 'profile' | 'on-cpu' }>

function isPiece(record: AnyRecord): record is Piece {
  return record.k === 'profile' || record.k === 'on-cpu'
}

function timesOf(piece: Piece): Milliseconds[] {
  return piece.k === 'profile' ? [piece.from, piece.t] : piece.rows.flatMap(([, t, ms]) => [t - ms, t])
}

function least(times: readonly number[]): number {
  return times.reduce((a, b) => Math.min(a, b), Infinity)
}

function most(times: readonly number[]): number {
  return times.reduce((a, b) => Math.max(a, b), 0)
}
