import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { callBefore } from '../../../src/probes/native/call-site.ts'
import { ProcessMemory } from '../../../src/probes/native/process-memory.ts'
import { StackScan } from '../../../src/probes/native/stack-scan.ts'
import { ProcessSymbols } from '../../../src/symbols/process-symbols.ts'
import { startScript } from '../../support/process.ts'

const code = (bytes: readonly number[]) => (address: number) =>
  address === 0x1000 - 8 ? Buffer.from([...Array<number>(8 - bytes.length).fill(0x90), ...bytes]) : null

it.each<[string, number[], number | null | undefined]>([
  ['call rel32', [0xe8, 0x10, 0, 0, 0], 0x1010],
  ['call *%rax', [0xff, 0xd0], null],
  ['call *%r11', [0x41, 0xff, 0xd3], null],
  ['call *0x18(%rax)', [0xff, 0x50, 0x18], null],
  ['call *0x118(%rax)', [0xff, 0x90, 0x18, 1, 0, 0], null],
  ['call *(%rax,%rbx,8)', [0xff, 0x14, 0xd8], null],
  ['no call', [0x48, 0x89, 0xc3], undefined],
  ['jmp *%rax', [0xff, 0xe0], undefined],
])('x86-64: %s', (_name, bytes, target) => {
  expect(callBefore(0x1000, code(bytes), 'x64')?.target).toBe(target)
})

it('follows the stub of another library', () => {
  const memory = new Map([
    [0x1000 - 8, Buffer.from([0x90, 0x90, 0x90, 0xe8, 0, 0x10, 0, 0])],
    [0x2000, Buffer.from([0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, 0xf6, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0])],
    [0x3000, Buffer.from([0x40, 0x30, 0x20, 0x10, 0, 0, 0, 0])],
  ])
  expect(callBefore(0x1000, (address) => memory.get(address) ?? null, 'x64')?.target).toBe(0x10203040)
})

it.each<[string, number, number | null | undefined]>([
  ['bl +16', 0x94000004, 0xffc + 16],
  ['bl -4', 0x97ffffff, 0xffc - 4],
  ['blr x8', 0xd63f0100, null],
  ['b +16', 0x14000004, undefined],
])('arm64: %s', (_name, instruction, target) => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(instruction, 4)
  expect(callBefore(0x1000, () => bytes, 'arm64')?.target).toBe(target)
})

it.skipIf(process.platform !== 'linux')("finds the stacks of a Node process' own idle threads", async () => {
  const { pid } = await startScript(`
    import { stat } from 'node:fs'
    stat('.', () => console.log('ready'))
    setInterval(() => {}, 1e6)
  `)
  const symbols = new ProcessSymbols(pid)
  const scan = new StackScan(new ProcessMemory(pid), symbols)
  const stacks = readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
    const words = readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'latin1').trim().split(' ')
    return words.length === 9
      ? [scan.scan(Number(words[7]), Number(words[8])).flatMap((address) => symbols.frames(address))]
      : []
  })
  const functions = stacks.map((stack) => stack.map((frame) => frame.split(' (')[0]))
  expect(functions.some((names) => names.includes('pthread_cond_wait') && names.includes('uv_cond_wait'))).toBe(true)
  expect(functions.some((names) => names.includes('epoll_wait') || names.includes('epoll_pwait'))).toBe(true)
})
