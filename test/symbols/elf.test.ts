import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ElfFile } from '../../src/symbols/elf-file.ts'
import { ElfModule } from '../../src/symbols/elf-module.ts'
import { parseJitMap } from '../../src/symbols/jit-map.ts'
import { MemoryMap, parseMaps } from '../../src/symbols/memory-map.ts'
import { parseSourceLines } from '../../src/symbols/source-lines.ts'
import { SymbolTable } from '../../src/symbols/symbol-table.ts'
import { ROOT, temporaryFolder } from '../support/cli.ts'
import { compile, hasCxx } from '../support/native.ts'

const CPP = join(ROOT, 'test/probes/native/programs/locks.cpp')

/** Where nm, which knows best, says that functions lie. */
function functionsByNm(file: string): [name: string, address: number][] {
  return [...execFileSync('nm', [file], { encoding: 'utf8' }).matchAll(/^([\da-f]+) [TtWi] (\S+)$/gm)].map((match) => [
    match[2] ?? '',
    Number.parseInt(match[1] ?? '', 16),
  ])
}

describe.skipIf(!hasCxx)('symbols of an ELF file (needs g++)', () => {
  it('finds every function that nm lists', () => {
    const file = compile(CPP)
    const table = new SymbolTable(ElfFile.open(file))
    const wrong = functionsByNm(file).filter(([, address]) => {
      const found = table.find(address)
      return found !== null && found.start !== address
    })
    expect(wrong).toEqual([])
    const names = new Set(functionsByNm(file).map(([, address]) => table.find(address)?.name))
    for (const name of ['main', '_Z13handleRequestR6Waitedl', '_Z12lockedSearchR6Waitedl'])
      expect(names).toContain(name)
  })

  it('a stripped file has its names from the file of its debug link', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'locks')
    copyFileSync(compile(CPP, '-g', '-Wl,--build-id=none'), file)
    const address = functionsByNm(file).find(([name]) => name === 'main')?.[1] ?? 0
    mkdirSync(join(folder, '.debug'))
    const debug = join(folder, '.debug', 'locks.debug')
    execFileSync('objcopy', ['--only-keep-debug', file, debug])
    execFileSync('strip', [file])
    expect(new ElfModule(file, file, '/').find(address)?.name).not.toBe('main')
    execFileSync('objcopy', [`--add-gnu-debuglink=${debug}`, file])
    const module = new ElfModule(file, file, '/')
    expect(module.find(address)?.name).toBe('main')
    expect(module.linesFile).toBe(debug)
    // Of another build, by its checksum.
    writeFileSync(debug, Buffer.concat([readFileSync(debug), Buffer.from('x')]))
    expect(new ElfModule(file, file, '/').find(address)?.name).not.toBe('main')
  })

  it('a stripped file still tells where its functions begin', () => {
    const [file, stripped] = [compile(CPP), compile(CPP, '-s')]
    const address = functionsByNm(file).find(([name]) => name === '_Z13handleRequestR6Waitedl')?.[1] ?? 0
    const found = new ElfModule(stripped, stripped, '/').find(address + 8)
    expect(found).toMatchObject({ name: '', start: address })
    expect(found?.end).toBeGreaterThan(address + 8)
  })

  it('a cut-off or falsified file gives fewer names, never an endless read', () => {
    const whole = readFileSync(compile(CPP))
    const path = join(temporaryFolder(), 'hostile')
    let random = 7
    for (let i = 0; i < 60; i++) {
      const bytes = Buffer.from(i % 2 ? whole.subarray(0, (whole.length * i) / 60) : whole)
      for (let at = 0; at < 20; at++) {
        random = (random * 48_271) % 2_147_483_647
        // In the headers, which say how much there is of everything.
        if (bytes.length > 64) bytes[16 + (random % 48)] = random & 255
      }
      writeFileSync(path, bytes)
      try {
        new ElfModule(path, path, '/').find(0x1234)
      } catch (error) {
        expect((error as Error).message).toMatch(/ELF/)
      }
    }
  })
})

it('reads the executable mappings of a process', () => {
  const map = new MemoryMap(
    parseMaps(
      [
        '00400000-00401000 r--p 00000000 08:01 12                 /srv/my app',
        '00401000-00403000 r-xp 00001000 08:01 12                 /srv/my app (deleted)',
        '7f0000000000-7f0000001000 r-xp 00000000 00:00 0          [vdso]',
        'nonsense',
      ].join('\n'),
    ),
  )
  expect(map.find(0x402fff)).toEqual({
    start: 0x401000,
    end: 0x403000,
    offset: 0x1000,
    path: '/srv/my app',
    deleted: true,
  })
  expect([0x400000, 0x403000, 0x7f0000001000].map((address) => map.find(address))).toEqual([null, null, null])
})

it('reads what a just-in-time compiler writes', () => {
  expect(parseJitMap('2000 10 LazyCompile:~search index.js:3\n1000 20 old\n1000 8 new one\nbad line\n')).toEqual([
    { name: 'new one', start: 0x1000, end: 0x1008 },
    { name: 'LazyCompile:~search index.js:3', start: 0x2000, end: 0x2010 },
  ])
})

it('reads what addr2line and llvm-symbolizer write', () => {
  const output = '0x10\n_Z4locki\n/a/mutex.h:5\n_Z6searchSs\n/a/index.cpp:88 (discriminator 2)\n0x20\n??\n??:0\n'
  expect(parseSourceLines(output)).toEqual([
    [
      { name: 'lock', place: '/a/mutex.h:5' },
      { name: 'search', place: '/a/index.cpp:88' },
    ],
    [],
  ])
})
