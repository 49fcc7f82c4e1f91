import { expect, test } from 'vitest'
import { Decoder } from '../../src/recording/decode.ts'
import { VERSION } from '../../src/recording/schema.ts'
import { upgradeFrom, UPGRADERS } from '../../src/recording/upgrade.ts'
import type { Upgrader } from '../../src/recording/upgrade.ts'
import { HEADER } from './generate.ts'

/** Version 1 called a mark `note`, version 2 had its text in `text` and no `monotonicMs`. */
const upgraders: Upgrader[] = [
  {
    header: ({ started, ...header }) => ({ ...header, startedAt: started }),
    record: (record) => [record['k'] === 'note' ? { ...record, k: 'mark' } : record],
  },
  {
    header: (header) => ({ ...header, monotonicMs: 0 }),
    record: ({ text, ...record }) => (record['k'] === 'noise' ? [] : [{ ...record, ...(text ? { label: text } : {}) }]),
  },
]

test('every version has its upgrader', () => {
  expect(UPGRADERS).toHaveLength(VERSION - 1)
})

test('each step takes a record one version further', () => {
  const from1 = upgradeFrom(1, upgraders)
  expect(from1.header({ started: 5, version: 1 })).toEqual({ startedAt: 5, monotonicMs: 0, version: 3 })
  expect(from1.record({ k: 'note', t: 1, text: 'x' })).toEqual([{ k: 'mark', t: 1, label: 'x' }])
  expect(from1.record({ k: 'noise' })).toEqual([])
  const from2 = upgradeFrom(2, upgraders)
  expect(from2.record({ k: 'note', t: 1 })).toEqual([{ k: 'note', t: 1 }])
})

test('a reader upgrades before it checks', () => {
  // The schemas stand for version 3 here.
  const toOurs = (version: number): Upgrader => {
    const steps = upgradeFrom(version, upgraders)
    return { header: (old) => ({ ...steps.header(old), version: VERSION }), record: (old) => steps.record(old) }
  }
  const decoder = new Decoder('old', { newest: 3, from: toOurs })
  const { startedAt, monotonicMs: _, ...old } = HEADER
  decoder.line(JSON.stringify({ ...old, version: 1, started: startedAt }))
  decoder.line('{"k":"note","t":1,"text":"x"}')
  decoder.line('{"k":"noise","t":1}')
  expect(decoder.recording.header).toEqual({ ...HEADER, monotonicMs: 0 })
  expect(decoder.recording.records).toEqual([{ k: 'mark', t: 1, label: 'x' }])
  expect(decoder.recording.problems).toEqual({ invalidLines: 0, unknownKinds: 0, cutOff: null })
})

test('version 1 had the threads of a sweep in rows', () => {
  const decoder = new Decoder('old')
  decoder.line(JSON.stringify({ ...HEADER, version: 1 }))
  decoder.line('{"k":"threads","t":1,"pid":1,"of":3,"rows":[[1,10,0.5,"S",0],[2,20,0,"R",-1,"newer"]]}')
  decoder.line('{"k":"threads","t":2,"pid":1,"of":1,"rows":[[1,"x",0,"S",0]]}')
  decoder.line('{"k":"threads","t":3,"pid":1,"of":1,"rows":[7]}')
  decoder.line('{"k":"threads","t":3,"pid":1,"of":1,"rows":[[1,0,"x",{"toString":0},-1]]}')
  decoder.line('{"k":"on-cpu","t":4,"pid":1,"rows":[[1,2,3,0]]}')
  expect(decoder.recording.records).toEqual([
    {
      k: 'threads',
      t: 1,
      pid: 1,
      of: 3,
      tids: [1, 2],
      cpuMs: [10, 20],
      queuedMs: [0.5, 0],
      states: 'SR',
      waits: [0, -1],
    },
    { k: 'on-cpu', t: 4, pid: 1, rows: [[1, 2, 3, 0]] },
  ])
  expect(decoder.recording.problems.invalidLines).toBe(3)
})
