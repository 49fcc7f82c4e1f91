import { readProc } from './proc-listing.ts'

/** Bits of capabilities(7). */
const BITS = { CAP_KILL: 5n, CAP_SYS_PTRACE: 19n, CAP_SYS_ADMIN: 21n, CAP_PERFMON: 38n }

/** Whether holdup has this right of root's (Linux; without /proc: whether it is root). */
export function hasCapability(name: keyof typeof BITS): boolean {
  const mask = /^CapEff:\s*([\da-f]+)$/m.exec(readProc('/proc/self/status', 65_536) ?? '')?.[1]
  if (mask === undefined) return process.geteuid?.() === 0
  return (BigInt(`0x${mask}`) & (1n << BITS[name])) !== 0n
}
