import { describe, expect, it } from 'vitest'
import { FdBudget, KeptFile } from '../../src/probes/proc/kept-file.ts'
import { randomSubset } from '../../src/probes/proc/random-subset.ts'
import { isZombie, parseStat } from '../../src/probes/proc/stat.ts'
import { syscallName } from '../../src/probes/proc/syscalls.ts'
import { waitText } from '../../src/probes/proc/wait.ts'

const TAIL = '0x0 0x0 0x0 0x7ffd61 0x7f6095'

describe('waitText', () => {
  const futex = syscallNumber('futex')

  it.each([
    ['running', null],
    [`${futex} 0x7f00 0x80 0x2 ${TAIL}`, 'futex 0x80 2'],
    [`${futex} 0x7f00 0x189 0x0 ${TAIL}`, 'futex 0x189 0'],
    [`${futex} 0x7f00 0x189 0x3 ${TAIL}`, 'futex 0x189 3'],
    [`${futex} 0x7f00 0x89 0x4 ${TAIL}`, 'futex 0x89 n'],
    [`${futex} 0x7f00 0x89 0x3fffffff ${TAIL}`, 'futex 0x89 n'],
    [`${futex} 0x7f00 0x89 0x40000000 ${TAIL}`, 'futex 0x89 0x40000000'],
    [`${futex} 0x7f00 0x89 0xc0000001 ${TAIL}`, 'futex 0x89 0xc0000001'],
    [`${futex} 0x7f00 0x89 0xffffffffffffffff ${TAIL}`, 'futex 0x89 0xffffffff'],
    [`${futex} 0x7f00 0x109 0x5b8d ${TAIL}`, 'futex 0x109 tid'],
    [`${syscallNumber('epoll_pwait')} 0xd 0x7f00 0x400 ${TAIL}`, 'epoll_pwait'],
    [`499 0x1 0x2 0x3 ${TAIL}`, 'syscall 499'],
    ['-1 0x7ffd61 0x7f6095', 'fault'],
  ])('%s → %s', (line, text) => {
    expect(waitText(line)).toBe(text)
  })
})

function syscallNumber(name: string): number {
  return Array.from({ length: 500 }, (_, number) => number).find((number) => syscallName(number) === name) ?? -2
}

it.each([
  ['x64', 202, 'futex'],
  ['x64', 232, 'epoll_wait'],
  ['x64', 0, 'read'],
  ['arm64', 98, 'futex'],
  ['arm64', 63, 'read'],
  ['arm64', 260, 'wait4'],
  ['arm64', 7, 'syscall 7'],
  ['riscv64', 98, 'syscall 98'],
])('on %s call %i is %s', (arch, number, name) => {
  expect(syscallName(number, arch)).toBe(name)
})

describe('parseStat', () => {
  const line = `77 (a) (b) R) S 5 6 7 34816 8 4194304 1 2 3 4 30 12 7 2 20 0 17 0 171957 9 4242 ${'0 '.repeat(28)}`

  it('reads the fields after a name that has brackets in it', () => {
    expect(parseStat(line)).toEqual({
      comm: 'a) (b) R',
      state: 'S',
      ppid: 5,
      pgrp: 6,
      session: 7,
      terminal: 34_816,
      foreground: 8,
      cpuTicks: 42,
      collectedTicks: 9,
      threads: 17,
      start: 171_957,
      rssPages: 4242,
    })
  })

  it.each([
    ['S', 3, false],
    ['Z', 1, true],
    ['Z', 2, false],
    ['X', 1, true],
  ])('%s with %i threads: dead is %s', (state, threads, dead) => {
    expect(isZombie({ ...parseStat(line), state, threads })).toBe(dead)
  })
})

describe('KeptFile', () => {
  const buffer = Buffer.alloc(4096)

  it('reads afresh with and without a file descriptor to keep', () => {
    const budget = new FdBudget(1)
    const [kept, opened] = [new KeptFile('/proc/self/stat', budget), new KeptFile('/proc/self/stat', budget)]
    for (let i = 0; i < 3; i++) {
      expect(kept.read(buffer)).toBeGreaterThan(50)
      expect(opened.read(buffer)).toBeGreaterThan(50)
    }
    expect(budget.take()).toBe(false)
    kept.close()
    opened.close()
    expect(budget.take()).toBe(true)
    expect(budget.take()).toBe(false)
  })

  it('tells the gone', () => {
    expect(new KeptFile('/proc/4194305/stat', new FdBudget(1)).read(buffer)).toBe('gone')
  })
})

it('randomSubset takes distinct items, each as likely', () => {
  const hits = new Map<number, number>()
  for (let i = 0; i < 2000; i++) {
    const chosen = randomSubset([1, 2, 3, 4, 5, 6, 7, 8], 2)
    expect(new Set(chosen).size).toBe(2)
    for (const item of chosen) hits.set(item, (hits.get(item) ?? 0) + 1)
  }
  for (const count of hits.values()) expect(Math.abs(count - 500)).toBeLessThan(120)
  expect(randomSubset([1, 2], 2)).toEqual([1, 2])
})
