// Builds the native agent: `dist/agents/native/<arch>.so`, one for glibc and musl alike. Without a compiler what is there stays.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'src/agents/native')
const output = join(root, 'dist/agents/native')
/** Compilers tried for each architecture, as commands. */
const COMPILERS = {
  x64: ['x86_64-linux-gnu-gcc', ...(process.arch === 'x64' ? ['cc', 'gcc', 'clang'] : [])],
  arm64: ['aarch64-linux-gnu-gcc', ...(process.arch === 'arm64' ? ['cc', 'gcc', 'clang'] : [])],
}
const compileOptions = (arch) => [
  '-std=c11',
  '-D_GNU_SOURCE',
  '-O2',
  '-fPIC',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-fvisibility=hidden',
  '-ftls-model=initial-exec',
  '-fno-stack-protector',
  '-U_FORTIFY_SOURCE',
  '-fasynchronous-unwind-tables',
  '-fno-strict-aliasing',
  '-g0',
  // Else they are functions of a libgcc that we don't link.
  ...(arch === 'arm64' ? ['-mno-outline-atomics'] : []),
]
/**
 * Linked against no libc: what it calls stays without a symbol version, so any glibc and musl resolves it. What it needs
 * are the libraries that held these functions before glibc 2.34; musl takes the names for its own.
 */
const NEEDED = ['libpthread.so.0', 'libdl.so.2']
const LINK = ['-shared', '-nostdlib', '-Wl,-O1,--eh-frame-hdr,--hash-style=gnu,-z,relro,-z,noexecstack', '-s']

/** Builds for one architecture; false where no compiler for it is there. Throws where the compiler refuses. */
function build(arch) {
  const compiler = COMPILERS[arch].find((name) => spawnSync(name, ['--version']).status === 0)
  if (!compiler) return false
  const target = join(output, `${arch}.so`)
  if (newest(source) < (statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0)) return true
  const work = join(output, `.${arch}-${process.pid}`)
  mkdirSync(work, { recursive: true })
  const run = (...args) => {
    const { status } = spawnSync(compiler, args, { stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error(`the native agent did not build: ${compiler} ended with ${status}`)
  }
  try {
    for (const name of NEEDED)
      run('-shared', '-nostdlib', `-Wl,-soname,${name}`, '-o', join(work, name), '-x', 'c', '/dev/null')
    const files = readdirSync(source).filter((name) => name.endsWith('.c'))
    const stubs = ['-Wl,--no-as-needed', ...NEEDED.map((name) => join(work, name))]
    run(
      ...compileOptions(arch),
      ...LINK,
      '-o',
      join(work, 'agent.so'),
      ...files.map((name) => join(source, name)),
      ...stubs,
    )
    renameSync(join(work, 'agent.so'), target)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return true
}

function newest(folder) {
  return Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs))
}

if (process.platform === 'linux' || process.argv.includes('--all')) {
  for (const arch of Object.keys(COMPILERS))
    if (!build(arch) && arch === process.arch) {
      console.error('the native agent was not built, for there is no C compiler; all else works')
    }
}
