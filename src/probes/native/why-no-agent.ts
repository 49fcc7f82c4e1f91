import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { isGoProgram } from '../../targets/go-program.ts'

const SET_ID = 0o6000
const PT_INTERP = 3

/** Why the loader brought no agent into a process; null where nothing speaks against it, or the process is gone. */
export function whyNoAgent(pid: number): string | null {
  const program = `/proc/${pid}/exe`
  try {
    if ((statSync(program).mode & SET_ID) !== 0) return 'it runs with other rights than those it was started with'
    if (hasInterpreter(program)) return null
    return isGoProgram(program) ? 'a Go program has its own threads and locks' : 'it is linked statically'
  } catch {
    return null
  }
}

/** Whether a loader maps it: elf(5), program headers. */
function hasInterpreter(path: string): boolean {
  const fd = openSync(path, 'r')
  try {
    const start = Buffer.alloc(4096)
    const read = readSync(fd, start, 0, start.length, 0)
    const [at, bytes, count] = [Number(start.readBigUInt64LE(0x20)), start.readUInt16LE(0x36), start.readUInt16LE(0x38)]
    for (let i = 0; i < count && at + (i + 1) * bytes <= read; i++)
      if (start.readUInt32LE(at + i * bytes) === PT_INTERP) return true
    return false
  } finally {
    closeSync(fd)
  }
}
