import { formatRatio } from '../units.ts'
import type { Ratio } from '../units.ts'
import type { Source } from './index-records.ts'
import type { Lock } from './signals.ts'

/**
 * Of a lock all uses are a lock's, but for those of which no notice could be taken. A queue that wakes its readers one after the other,
 * such as Python's SimpleQueue, has one in three.
 */
const AS_LOCK = { most: 0.9, few: 0.5 }
/** One at a time has a lock; the time of those that got it at once is taken to be that of the others. */
const ONE_AT_A_TIME: Ratio = 1.2

type Judged = Pick<Lock, 'kind' | 'role' | 'because'>

interface Uses {
  givenBack: number
  holds: number
  holdMs: number
  announced: number
}

/**
 * What semaphores are for, by who posts them while others wait: judged over the whole recording, for it is a trait of the
 * program. One that nobody posted here, such as one between processes, is not judged.
 */
export function judgeSemaphores(source: Source): ReadonlyMap<string, Judged> {
  const uses = new Map<string, Uses>()
  for (const wait of source.of('native-wait'))
    if (wait.kind === 'semaphore') uses.set(semaphoreKey(wait), { givenBack: 0, holds: 0, holdMs: 0, announced: 0 })
  for (const record of source.of('native-unlock')) {
    const use = uses.get(semaphoreKey(record))
    if (!use) continue
    use.givenBack += record.n
    use.holds += record.holds
    use.holdMs += record.holdMs
  }
  for (const record of source.of('native-post')) {
    const use = uses.get(semaphoreKey(record))
    if (use) use.announced += record.n
  }
  const recordedMs = Math.max(1, ...source.of('native-threads').map(({ t }) => t))
  return new Map([...uses].flatMap(([key, use]) => (isUsed(use) ? [[key, judge(use, recordedMs)] as const] : [])))
}

/** Of a semaphore. */
export function semaphoreKey({ pid, lock = '' }: { pid: number; lock?: string | undefined }): string {
  return `${pid} ${lock}`
}

function isUsed({ givenBack, announced }: Uses): boolean {
  return givenBack + announced > 0
}

function judge({ givenBack, holds, holdMs, announced }: Uses, recordedMs: number): Judged {
  const asLock = givenBack / (givenBack + announced)
  const because = `a semaphore, used as a lock ${formatRatio(asLock)} of the time: given back by the thread that got it`
  if (asLock <= AS_LOCK.few) return { kind: 'mutex', role: 'idle', because: `${because}; else it announces something` }
  const atOnce = holds > 0 ? ((holdMs / holds) * givenBack) / recordedMs : 0
  if (atOnce > ONE_AT_A_TIME)
    return { kind: 'mutex', role: 'unclassified', because: `${because}, several at a time: it limits how many do` }
  return { kind: 'mutex', role: asLock >= AS_LOCK.most ? 'lock' : 'unclassified', because }
}
