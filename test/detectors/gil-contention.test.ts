import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/analysis/signals.ts'
import { gilContention } from '../../src/detectors/gil-contention.ts'
import { globalMutex } from '../../src/detectors/global-mutex.ts'
import { addStack, createTree } from '../../src/stacks/call-tree.ts'
import { evidenceOf, findingOf, lock, profiles, verdictOf } from '../support/signals.ts'

/** So many threads that wait for a process' interpreter lock, on 2 cores. */
const gil = (heldUp: number, cores = 1, values: Partial<Lock> = {}) => ({
  lockWait: { ratio: 0.8, seconds: 60, locks: [lock({ kind: 'gil', heldUp, ...values })] },
  cpu: { cores, available: 2, probeCores: 0, fidelity: 'sampled' as const },
})

describe('limits', () => {
  it.each([
    ['just under a thread', gil(0.99), 'clean'],
    ['a thread', gil(1), 'warning'],
    ['just under critical', gil(3.99), 'warning'],
    ['critical', gil(4), 'critical'],
    ['just enough free cores', gil(4, 1.75), 'critical'],
    ['no free core to run on', gil(4, 1.76), 'clean'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(gilContention, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['no lock at all', {}],
    ['a lock of the program', gil(8, 1, { kind: 'mutex' })],
  ])('%s', (_, ills) => {
    expect(verdictOf(gilContention, ills)).toBe('clean')
  })

  it('is no mutex of the program', () => {
    expect(verdictOf(globalMutex, gil(8))).toBe('clean')
  })
})

describe('finding', () => {
  it('says how many wait and that cores are free', () => {
    const finding = findingOf(gilContention, gil(12.8, 0.98))
    expect(finding.summary).toBe(
      "12.8 threads on average wait for Python's interpreter lock (limit 1): only one of them runs Python code at a time, and 0.98 of 2 cores are in use.",
    )
    expect(evidenceOf(finding, 'cores free')).toBeCloseTo(1.02)
  })

  it('takes along the locks that wait behind it, each in its own process', () => {
    const locks = [
      lock({ id: 'gil 1', pid: 1, kind: 'gil', heldUp: 5 }),
      lock({ id: 'gil 2', pid: 2, kind: 'gil', heldUp: 4 }),
      lock({ id: 'behind 1', pid: 1, heldUp: 2 }),
      lock({ id: 'behind 2', pid: 2, heldUp: 2 }),
      lock({ id: 'other', pid: 2, heldUp: 4.5 }),
      lock({ id: 'elsewhere', pid: 3, heldUp: 2 }),
    ]
    const finding = findingOf(gilContention, { ...gil(5), lockWait: { ratio: 0.8, seconds: 60, locks } })
    expect(finding.locks).toEqual(['gil 1', 'gil 2', 'behind 1', 'behind 2'])
  })

  it('shows what Python runs, where that is known, and nothing of the interpreter', () => {
    const hot = 'rank (/srv/app/search.py:40)'
    const tree = createTree()
    addStack(tree, ['serve (/srv/app/server.py:9)', hot], 900)
    addStack(tree, ['_PyEval_EvalFrameDefault (python3.11)'], 100)
    const {
      threads: [thread],
      ...rest
    } = profiles()
    const own = thread && { ...thread, pid: 10, main: false, tree }
    const ills = { ...gil(8), profiles: { ...rest, threads: own ? [own] : [] } }
    expect(findingOf(gilContention, ills).where[0]).toEqual({
      role: 'on CPU, with the lock',
      stack: [hot, 'serve (/srv/app/server.py:9)'],
      share: 0.9,
    })
    expect(findingOf(gilContention, ills).where.map(({ role }) => role)).toEqual([
      'on CPU, with the lock',
      'waiters',
      'holder',
    ])
  })
})
