import { describe, expect, it } from 'vitest'
import { defineDetector, type Detector, type DetectorMeta, type Finding } from '../../src/detectors/detector.ts'
import { catalogue } from '../../src/detectors/index.ts'
import { detectorTitle, rankFindings, runDetectors } from '../../src/detectors/run.ts'
import { http, signals, stallsAt } from '../support/signals.ts'

const finding = (values: Partial<Finding> = {}): Finding => ({
  severity: 'warning',
  summary: 'Something is slow.',
  cost: { threadsHeldUp: null, gain: null },
  evidence: [{ name: 'slowness', value: 3, unit: 'ms', limit: 2, fidelity: 'exact' }],
  where: [],
  advice: 'Be quick.',
  ...values,
})

const detector = (id: string, detect: Detector['detect'], meta: Partial<DetectorMeta> = {}): Detector => ({
  meta: { id, title: id, category: 'cpu', requires: [], thresholds: {}, ...meta },
  detect,
})
const finds = (id: string, meta: Partial<DetectorMeta> = {}, values: Partial<Finding> = {}) =>
  detector(id, () => [finding({ summary: `${id} found.`, ...values })], meta)

const statuses = (detectors: Detector[]) =>
  runDetectors(signals(), {}, detectors).map(({ id, status, missing }) => [id, status, ...missing].join(' '))

describe('runDetectors', () => {
  it('gives one result for each detector of the catalogue, and a healthy service is clean', () => {
    const results = runDetectors(signals())
    expect(results.map(({ id }) => id)).toEqual(catalogue.map(({ meta }) => meta.id))
    expect(results.filter(({ status }) => status !== 'clean')).toEqual([])
  })

  it('names the signals that were not measured', () => {
    const nothing = Object.fromEntries(Object.keys(signals()).map((name) => [name, null])) as ReturnType<typeof signals>
    const results = runDetectors(nothing)
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['not-applicable']))
    expect(results.find(({ id }) => id === 'oversubscription')?.missing).toEqual(['runQueue', 'cpu', 'quality'])
  })

  it('takes what a detector itself misses', () => {
    expect(statuses([detector('picky', () => ({ missing: ['a reason'] }))])).toEqual(['picky not-applicable a reason'])
  })

  it('survives a detector that throws', () => {
    const thrower = detector('thrower', () => {
      throw new Error('division by zero')
    })
    expect(statuses([thrower, finds('next')])).toEqual(['thrower failed division by zero', 'next found'])
  })

  it('fills limits from the thresholds, or from what the user set', () => {
    const thresholds = { most: { default: 5, unit: 'ms', description: '', source: '' } }
    const limited = detector('limited', ({ limits }) => [finding({ summary: `limit ${limits['most']}` })], {
      thresholds,
    })
    const summaryOf = (overrides: Parameters<typeof runDetectors>[1]) =>
      runDetectors(signals(), overrides, [limited])[0]?.findings[0]?.summary
    expect(summaryOf({})).toBe('limit 5')
    expect(summaryOf({ limited: { most: 9 } })).toBe('limit 9')
  })

  it('lets a detector read only what it declares', () => {
    defineDetector({
      meta: { id: 'reader', title: '', category: 'cpu', requires: ['cpu'], optional: ['gc'], thresholds: {} },
      detect({ signals: read }) {
        const shares: (number | undefined)[] = [read.cpu.cores, read.gc?.share]
        // @ts-expect-error memory is not declared
        shares.push(read.memory)
        // @ts-expect-error gc may be null
        shares.push(read.gc.share)
        return []
      },
    })
  })
})

describe('what explains another finding', () => {
  const effect = (severity: Finding['severity']) => finds('effect', { explainedBy: ['cause'] }, { severity })

  it.each([
    ['a fault explains what it causes', finds('cause'), 'critical', 'effect not-applicable explained by cause'],
    [
      'information explains information',
      finds('cause', {}, { severity: 'info' }),
      'info',
      'effect not-applicable explained by cause',
    ],
    ['information hides no fault', finds('cause', {}, { severity: 'info' }), 'warning', 'effect found'],
    [
      'a judge of the recording does',
      finds('cause', { category: 'recording' }, { severity: 'info' }),
      'warning',
      'effect not-applicable explained by cause',
    ],
    [
      'but for one that says it explains nothing',
      finds('cause', { category: 'recording' }, { severity: 'info', explains: false }),
      'warning',
      'effect found',
    ],
  ] as const)('%s', (_, cause, severity, expected) => {
    expect(statuses([cause, effect(severity)])).toEqual(['cause found', expected])
    const [result] = runDetectors(signals(), {}, [cause, effect(severity)])
    expect(result?.findings[0]).not.toHaveProperty('explains')
  })
})

describe('a recording that cannot bear a verdict', () => {
  const idle = {
    cpu: { cores: 0 },
    http: { requests: 0, inFlightMean: 0 },
    // Of a fault that would be found under load.
    runQueue: { threadSecondsPerSecond: 90, runnableThreads: 92 },
  }
  const judge = (ills: Parameters<typeof signals>[0]) =>
    new Map(runDetectors(signals(ills)).map(({ id, status, missing }) => [id, [status, ...missing].join(' ')]))

  it('without load', () => {
    const results = judge(idle)
    expect(results.get('no-load')).toBe('found')
    expect(results.get('recording-too-short')).toBe('not-applicable explained by no-load')
    expect(results.get('oversubscription')).toBe('not-applicable load')
  })

  it('shorter than a second', () => {
    const results = judge({ quality: { windowSeconds: 0.8 }, http: http({ requests: 200 }) })
    expect(results.get('recording-too-short')).toBe('found')
    expect(results.get('global-mutex')).toBe('not-applicable a longer recording')
  })

  it('is judged when it is only short', () => {
    expect(judge({ quality: { windowSeconds: 3 } }).get('global-mutex')).toBe('clean')
  })

  it('still tells of a crash, and that it explains the rest', () => {
    const results = judge({
      ...idle,
      quality: { windowSeconds: 0.3, endedByItself: true, exit: { code: 1, signal: null } },
    })
    expect(results.get('target-crashed')).toBe('found')
    expect(results.get('no-load')).toBe('not-applicable explained by target-crashed')
    expect(results.get('global-mutex')).toBe('not-applicable load a longer recording')
  })
})

describe('explained findings', () => {
  const effect = finds('effect', { explainedBy: ['other', 'cause'] })

  it('become evidence of their cause', () => {
    const results = runDetectors(signals(), {}, [finds('cause'), effect])
    expect(results[0]?.findings[0]?.evidence).toEqual([
      { name: 'slowness', value: 3, unit: 'ms', limit: 2, fidelity: 'exact' },
      { name: 'slowness', value: 3, unit: 'ms', limit: 2, fidelity: 'exact', note: 'effect: effect found.' },
    ])
    expect(results[1]).toEqual({
      id: 'effect',
      status: 'not-applicable',
      missing: ['explained by cause'],
      findings: [],
    })
  })

  it('stand for themselves where the cause was not found', () => {
    expect(statuses([detector('cause', () => []), effect])).toEqual(['cause clean', 'effect found'])
  })

  it('pass through a cause that is itself explained', () => {
    const detectors = [finds('root'), finds('cause', { explainedBy: ['root'] }), effect]
    expect(statuses(detectors)).toEqual([
      'root found',
      'cause not-applicable explained by root',
      'effect not-applicable explained by root',
    ])
    expect(runDetectors(signals(), {}, detectors)[0]?.findings[0]?.evidence).toHaveLength(3)
  })

  it('a rare stall is evidence of a blocked loop: exactly one of the two', () => {
    const stalls = stallsAt([1000, 2000, 3000, 4000, 5000, 6000], 600)
    const found = runDetectors(signals({ eventLoop: { stalls, mainThreadCpu: 0.95 } }))
      .filter(({ status }) => status === 'found')
      .map(({ id }) => id)
    expect(found).toEqual(['event-loop-block-cpu'])
  })
})

describe('rankFindings', () => {
  const order = (...findings: Partial<Finding>[]) => {
    const results = findings.map((values, i) => ({
      id: `d${i}`,
      status: 'found' as const,
      missing: [],
      findings: [finding(values)],
    }))
    return rankFindings(results).map(({ id }) => id)
  }
  const cost = (threadsHeldUp: number | null, gain: number | null = null) => ({ cost: { threadsHeldUp, gain } })

  it('by gain, then threads held up, then severity', () => {
    expect(order(cost(1), cost(9), cost(2, 1.5), cost(null), { severity: 'critical' })).toEqual([
      'd2',
      'd1',
      'd0',
      'd4',
      'd3',
    ])
  })

  it('with what is only information last', () => {
    expect(order({ severity: 'info', ...cost(20, 3) }, {}, cost(1))).toEqual(['d2', 'd1', 'd0'])
  })
})

it('detectorTitle falls back on the id', () => {
  expect(detectorTitle('global-mutex')).toBe('One lock that every thread needs')
  expect(detectorTitle('nothing')).toBe('nothing')
})
