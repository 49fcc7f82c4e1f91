import { describe, expect, it } from 'vitest'
import { readClientSockets } from '../../src/analysis/client-sockets.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const looked = (t: number, open: number, unacked: number, looks = 1): RecordOf<'client-sockets'> => ({
  k: 'client-sockets',
  t,
  looks,
  open,
  unacked,
})

describe('readClientSockets', () => {
  it('are means of all looks in the window', () => {
    expect(readClientSockets(sourceOf([looked(1000, 30, 10), looked(3000, 60, 50, 2), looked(11_000, 9, 9)]))).toEqual({
      open: 30,
      unacked: 20,
      fidelity: 'sampled',
    })
  })

  it('are not known where nobody looked, or at next to none', () => {
    expect(readClientSockets(sourceOf([]))).toBeNull()
    expect(readClientSockets(sourceOf([looked(1000, 31, 31)]))).toBeNull()
    expect(readClientSockets(sourceOf([looked(1000, 32, 32)]))).not.toBeNull()
  })
})
