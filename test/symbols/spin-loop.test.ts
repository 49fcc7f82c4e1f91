import { describe, expect, it } from 'vitest'
import { AROUND, isSpinLoop } from '../../src/symbols/spin-loop.ts'

/** The instructions of a loop amid others, and an address in it. */
function around(loop: string, at = 0): [code: Buffer, at: number] {
  const bytes = Buffer.from(loop.replaceAll(' ', ''), 'hex')
  // CC is INT3: what compilers fill gaps with.
  const code = Buffer.alloc(AROUND, 0xcc)
  bytes.copy(code, AROUND / 2)
  return [code, AROUND / 2 + at]
}

describe('waits', () => {
  it.each([
    ['pause; mov eax,[rdi]; test eax,eax; jne', 'f390 8b07 85c0 75f8', 2],
    ['the same with a long jump', 'f390 8b07 85c0 0f85f4ffffff', 2],
    ['mov eax,1; xchg al,[rdi]; test al,al; jne', 'b801000000 8607 84c0 75f5', 7],
    ['mov al,1; xchg [rip+8],al; test al,1; jne', 'b001 860508000000 a801 75f4', 8],
    ['mov ecx,1; xchg [rdi+16],cl; test cl,1; jne', 'b901000000 864f10 f6c101 75f3', 8],
    ['lock cmpxchg [rdi],ecx; jne', '31c0 f00fb10f 75f8', 2],
    ['lock cmpxchg [rdi],rcx; jne', '31c0 f0480fb10f 75f7', 7],
    ['pause; dec ecx; jmp', 'f390 ffc9 ebfa', 2],
  ])('%s', (_, loop, at) => {
    expect(isSpinLoop(...around(loop, at))).toBe(true)
  })
})

describe('works', () => {
  it.each([
    ['add rax,[rdi]; add rdi,8; cmp rdi,rsi; jne', '480307 4883c708 4839f7 75f4', 3],
    ['lock xadd [rdi],eax; dec ecx; jne', 'f00fc107 ffc9 75f8', 4],
    ['add eax,[rdi+256]; inc rdi; dec ecx; jne', '038700010000 48ffc7 ffc9 75f3', 6],
    ['mov eax,[rsi+64000]; add ebx,eax; dec ecx; jne', '8b8600fa0000 01c3 ffc9 75f4', 6],
    ['xchg eax,ecx; dec edx; jne', '91 87c1 ffca 75f9', 1],
    ['a pause without a loop', 'f390 8b07 85c0 c3', 2],
    ['behind the loop', 'f390 8b07 85c0 75f8 ffc1 c3', 9],
    ['pause; … ; jmp, far longer than a loop that waits', `f390 ${'90'.repeat(70)} ebb6`, 8],
    ['nothing at all', '', 0],
  ])('%s', (_, loop, at) => {
    expect(isSpinLoop(...around(loop, at))).toBe(false)
  })
})

it('looks at no byte that is not there', () => {
  for (let length = 0; length < AROUND; length++)
    expect(isSpinLoop(Buffer.alloc(length, 0x75), length >> 1)).toBe(false)
})
