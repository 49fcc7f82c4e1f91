import type { Lock, StuckLock } from '../analysis/signals.ts'
import { formatMs, formatNumber } from '../units.ts'
import { defineDetector, type Evidence, type Finding, type Place } from './detector.ts'
import { placesOf } from './lock-queue.ts'

/** A lock that stands still, with who holds it. */
type Stuck = Lock & { stuck: StuckLock }

export const deadlockOrStuck = defineDetector({
  meta: {
    id: 'deadlock-or-stuck',
    title: 'A lock that nobody gets any more',
    category: 'locks',
    requires: ['lockWait'],
    thresholds: {
      seconds: {
        default: 5,
        unit: 's',
        description: 'up to the end of the recording in which threads waited for the lock and nobody got it',
        source: 'holdup: no request waits so long for a lock that is given back',
      },
      waiters: {
        default: 2,
        unit: 'threads',
        description: 'that wait, over all locks of one finding',
        source: 'holdup: one thread that waits for a lock of its own is parked there',
      },
      cores: {
        default: 0.05,
        unit: 'cores',
        description: 'CPU of the process meanwhile; over it a lock without a known owner gives no finding',
        source: 'holdup: a server that only watches its sockets and timers uses less',
      },
    },
  },

  detect({ signals: { lockWait }, limits }) {
    const stuck = lockWait.locks.filter((lock): lock is Stuck => (lock.stuck?.seconds ?? 0) >= limits.seconds)
    // Locks from which the same one is reached, by what their owners wait for, are one matter.
    const roots = new Map<Stuck, Stuck[]>()
    for (const lock of stuck) {
      const end = [...chainFrom(lock, stuck)].at(-1) ?? lock
      const [root = end] = cycleAt(end, stuck).toSorted((a, b) => a.id.localeCompare(b.id))
      roots.set(root, [...(roots.get(root) ?? []), lock])
    }
    return [...roots].flatMap(([root, locks]) => {
      const waiters = locks.reduce((sum, lock) => sum + lock.waiterThreads, 0)
      const cycle = cycleAt(root, stuck)
      const isQuiet = root.stuck.cores <= limits.cores
      const isProven = cycle.length > 0 || isQuiet || root.stuck.owner !== null
      return isProven && waiters >= limits.waiters ? [finding({ root, locks, cycle, waiters, isQuiet }, limits)] : []
    })
  },
})

/** From a lock to the one that its owner waits for, and on; each once. */
function chainFrom(lock: Stuck, stuck: readonly Stuck[]): Set<Stuck> {
  const chain = new Set<Stuck>()
  for (let at: Stuck | undefined = lock; at && !chain.has(at); at = next(at, stuck)) chain.add(at)
  return chain
}

function next({ pid, stuck: { owner } }: Stuck, stuck: readonly Stuck[]): Stuck | undefined {
  return stuck.find((other) => other.pid === pid && other.slot === owner?.awaits)
}

/** The cycle that a lock is part of; empty for one that is in none. */
function cycleAt(lock: Stuck, stuck: readonly Stuck[]): Stuck[] {
  const chain = [...chainFrom(lock, stuck)]
  const last = chain.at(-1)
  return last && next(last, stuck) === lock ? chain : []
}

interface Matter {
  root: Stuck
  locks: Stuck[]
  cycle: Stuck[]
  waiters: number
  isQuiet: boolean
}

function finding(
  { root, locks, cycle, waiters, isQuiet }: Matter,
  limits: { seconds: number; cores: number },
): Finding {
  const { stuck, fidelity } = root
  const seconds = Math.max(...locks.map((lock) => lock.stuck.seconds))
  const heldUp = locks.reduce((sum, lock) => sum + lock.heldUp, 0)
  const evidence: Evidence[] = [
    { name: 'nobody got it for', value: seconds, unit: 's', limit: limits.seconds, fidelity },
    { name: 'threads held up', value: heldUp, unit: 'threads', fidelity },
    { name: 'CPU meanwhile', value: stuck.cores, unit: 'cores', limit: limits.cores, fidelity: 'sampled' },
    ...(cycle.length > 0 ? cycle : [root]).flatMap(edge),
  ]
  return {
    severity: cycle.length > 0 || isQuiet ? 'critical' : 'warning',
    summary: `${formatNumber(waiters)} threads wait for ${cycle.length > 0 ? 'locks that are never given back' : `the ${root.name}, which nobody got`} for ${formatMs(seconds * 1000)} (limit ${formatMs(limits.seconds * 1000)})${cycle.length > 0 ? `: ${cycle.map(edgeText).join(', and ')}` : stuck.owner ? `: ${nameOf(stuck)} holds it and is blocked in ${stuck.owner.doing}` : ''}.`,
    cost: { threadsHeldUp: heldUp, gain: null },
    evidence,
    where: [...(cycle.length > 0 ? cycle : [root]).flatMap(ownersPlace), ...placesOf(root)],
    advice:
      cycle.length > 0
        ? 'Take these locks in one order everywhere, or both at once (std::scoped_lock, std::lock). Or make them one, or let go of the first before taking the second.'
        : 'Find out what the holder waits for: a lock it has already, a thread that needs this lock, or a call without a time-out. Give the lock back before such a call.',
    locks: locks.map(({ id }) => id),
  }
}

function nameOf({ owner }: StuckLock): string {
  return owner ? `thread ${owner.name ? `${owner.name} (${owner.tid})` : owner.tid}` : 'nobody'
}

/** `thread rebalancer (17) holds L2 and waits for L1` */
function edgeText({ id, stuck }: Stuck, i: number, cycle: readonly Stuck[]): string {
  const wanted = cycle[(i + 1) % cycle.length]?.id
  return `${nameOf(stuck)} holds ${id} and waits for ${wanted === id ? 'it again' : wanted}`
}

function edge(lock: Stuck, i: number, all: readonly Stuck[]): Evidence[] {
  const { id, name, stuck, fidelity } = lock
  if (!stuck.owner) return []
  const note = stuck.owner.awaits === null ? `${nameOf(stuck)} holds it` : edgeText(lock, i, all)
  return [{ name: `${id} stands still`, value: stuck.seconds, unit: 's', fidelity, note: `${note}; ${id}: ${name}` }]
}

function ownersPlace({ id, stuck: { owner } }: Stuck): Place[] {
  return owner && owner.stack.length > 0 ? [{ role: `holder of ${id}`, stack: owner.stack }] : []
}
