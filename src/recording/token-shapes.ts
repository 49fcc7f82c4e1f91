import { looksRandom } from './looks-random.ts'

/** Tokens known by how they begin; each pattern runs in linear time. */
const KNOWN = new RegExp(
  [
    '-----BEGIN[A-Z ]{1,40}-----[^]*?(?:-----END[A-Z ]{1,40}-----|$)',
    String.raw`\b[prs]k_(?:live|test)_\w{4,}`,
    String.raw`\bsk-[\w-]{16,}`,
    String.raw`\bgh[opusr]_\w{16,}`,
    String.raw`\bgithub_pat_\w{16,}`,
    String.raw`\bglpat-[\w-]{16,}`,
    String.raw`\bA(?:KIA|SIA|ROA|IDA)[A-Z\d]{12,}`,
    String.raw`\bxox[a-z]-[\w-]{6,}`,
    String.raw`\bxapp-[\w-]{16,}`,
    String.raw`\bAIza[\w-]{30,}`,
    String.raw`\bya29\.[\w-]{16,}`,
    String.raw`\bnpm_\w{30,}`,
    String.raw`\bpypi-[\w-]{16,}`,
    String.raw`\bdop_v1_\w{16,}`,
    String.raw`\bhv[sb]\.[\w-]{16,}`,
    String.raw`\bshp(?:at|ca|pa|ss)_\w{16,}`,
    String.raw`\bSG\.[\w-]{16,}\.[\w-]{16,}`,
    String.raw`\beyJ[\w-]{5,}(?:\.[\w-]+){0,4}`,
  ].join('|'),
  'g',
)
/** Long runs of the alphabets that keys are written in, without and (only as a whole word) with slashes. */
const CANDIDATE = /[A-Za-z\d+_-]{24,}={0,2}/g
const CANDIDATE_WITH_SLASHES = /^[A-Za-z\d+_-][A-Za-z\d+/_-]{31,}={0,2}$/

/** `text` with every token of a known shape, and every long random-looking one, replaced. */
export function redactTokens(text: string, mark: string): string {
  if (text.length < 8) return text
  const known = text.replace(KNOWN, mark)
  if (CANDIDATE_WITH_SLASHES.test(known) && looksRandom(known)) return mark
  return known.replace(CANDIDATE, (run) => (looksRandom(run) ? mark : run))
}
