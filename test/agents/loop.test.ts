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
    // Elsewhere the machine may hold it up as well.
    const long = stalls.filter(({ ms, queuedMs }) => ms - (queuedMs ?? 0) > 45)
    for (const [i, ms] of [60, 150, 300].entries()) {
      const found = long[long.length - 3 + i]
      expect(found?.ms).toBeGreaterThan(ms - 10)
      expect((found?.ms ?? 0) - (found?.queuedMs ?? 0)).toBeLessThan(ms + 15)
      if (kind === 'cpu') expect((found?.cpuMs ?? 0) + (found?.queuedMs ?? 0)).toBeGreaterThan(ms * 0.9 - 5)
      else expect(found?.cpuMs ?? 0).toBeLessThan(ms * 0.3)
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
    expect(pieces.length).toBeGreaterThanOrEqual(3)
    for (const [i, piece] of pieces.entries()) {
      const before = pieces[i - 1]
      if (before) expect(Math.abs(piece.from - before.t)).toBeLessThan(50)
    }
    const samples = pieces.reduce((total, piece) => total + piece.samples.length, 0)
    expect(samples).toBeGreaterThan(500)
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
