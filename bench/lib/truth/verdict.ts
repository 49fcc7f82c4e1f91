import type { Verdict } from '../verdict.ts'

/** `holds: C++ · launch: lock wait −0.1 % ≤ 0.5 %`. */
export function verdict(of: string, holds: boolean, what: string): Verdict {
  return { holds, text: `${holds ? 'holds' : 'FAILS'}: ${of}: ${what}` }
}

/** A share in percent, with as many digits as the limits have. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}
