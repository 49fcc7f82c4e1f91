/** Tokens known by how they begin; each pattern runs in linear time. */
const KNOWN = new RegExp(
  [
    '-----BEGIN [A-Z ]{1,40}-----[^]*?(?:-----END [A-Z ]{1,40}-----|$)',
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
  if (CANDIDATE_WITH_SLASHES.test(known) && randomness(known) >= 0.45) return mark
  return known.replace(CANDIDATE, (run) => (randomness(run) >= 0.3 ? mark : run))
}

/**
 * How often neighbouring characters change between small letters, capitals and digits, 0 to 1. Base64 of random bytes
 * has 0.6, random hexadecimal 0.47, base32 0.3; names, paths and numbers, also camelCase ones, stay under 0.25.
 */
function randomness(run: string): number {
  let changes = 0
  let pairs = 0
  let before = 0
  for (let index = 0; index < run.length; index++) {
    const kind = kindOf(run.charCodeAt(index))
    if (kind === 0) continue
    if (before !== 0) {
      pairs++
      if (kind !== before) changes++
    }
    before = kind
  }
  return pairs < 20 ? 0 : changes / pairs
}

function kindOf(code: number): 0 | 1 | 2 | 3 {
  if (code >= 97 && code <= 122) return 1
  if (code >= 65 && code <= 90) return 2
  return code >= 48 && code <= 57 ? 3 : 0
}
