import { describe, expect, it } from 'vitest'
import { runWithAgent } from '../support/agent.ts'

const script = (block: string) => `
  const spin = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
  const lengths = [60, 150, 300]
  const next = () => { const ms = lengths.shift(); if (!ms) return; ${block}; setTimeout(next, 100) }
  setTimeout(next, 300)
`

describe('stalls', () => {
  it.each([
    ['on CPU', script('spin(ms)'), 'cpu'],
    [
      'blocked in a synchronous call',
      script('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)'),
      'blocked',
    ],
  ])('%s: each once, as long as it was', async (_name, source, kind) => {
    const stalls = (await runWithAgent(source)).of('stall')
    // Between them the machine may hold it up as well, and its work elsewhere may draw one out.
    for (const ms of [60, 150, 300]) {
      const found = stalls.filter((stall) => stall.ms > ms - 10 && stall.ms - (stall.queuedMs ?? 0) < ms + 15)
      const share = ({ cpuMs, queuedMs }: (typeof stalls)[number]) => ((cpuMs ?? 0) + (queuedMs ?? 0)) / ms
      expect(found.some((stall) => (kind === 'cpu' ? share(stall) > 0.85 : (stall.cpuMs ?? 0) < ms * 0.3))).toBe(true)
    }
  })
})

describe('CPU profile', () => {
  it('comes in pieces that follow each other, with the functions that ran', async () => {
    const run = await runWithAgent(
      `function hot() { const end = performance.now() + 40; while (performance.now() < end); }
       const timer = setInterval(hot, 50); setTimeout(() => clearInterval(timer), 4600)`,
      { cpuProfileMs: 5 },
    )
    const pieces = run.of('profile')
    expect(pieces.length).toBeGreaterThanOrEqual(2)
    for (const [i, piece] of pieces.entries()) {
      const before = pieces[i - 1]
      if (before) expect(Math.abs(piece.from - before.t)).toBeLessThan(50)
    }
    const samples = pieces.reduce((total, piece) => total + piece.samples.length, 0)
    expect(samples).toBeGreaterThan(500)
  })

  it('is taken half as often of a main thread once it has workers, and says so', async () => {
    const run = await runWithAgent(
      `const { Worker } = require('node:worker_threads')
       setTimeout(() => new Worker('setTimeout(() => {}, 5000)', { eval: true }), 1500)`,
      { cpuProfileMs: 5 },
    )
    const pieces = run.of('profile').filter(({ pid, tid }) => pid === tid)
    const intervals = pieces.map(({ everyMs = 0 }) => everyMs)
    expect([...new Set(intervals)]).toEqual([5, 10])
    for (const { from, t, everyMs = 0, samples } of pieces) {
      const share = (samples.length * everyMs) / (t - from)
      expect(share).toBeGreaterThan(0.7)
      expect(share).toBeLessThan(1.2)
    }
  })

  it('of a process that is killed loses the last piece, not all', async () => {
    const run = await runWithAgent(
      `const timer = setInterval(() => {}, 10); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 3000)`,
      { cpuProfileMs: 5 },
    )
    expect(run.of('profile')).toHaveLength(1)
    expect(run.code).toBeNull()
  })
})
