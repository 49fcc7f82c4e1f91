/** The pairs of letters that make up four fifths of English words and of the names in programs. */
const COMMON_PAIRS = new Set(
  (
    'ab ac ad ag ai al am an ap ar as at au ay ba be bi bl bo br bu ca ce ch ci ck cl co cr ct cu da de di do dr ea ec ed ' +
    'ee ef ei el em en ep er es et ev ex fa fe ff fi fo fr ga ge gi go gr ha he hi ho ic id ie if ig il im in io ip ir is ' +
    'it iv iz ke ki la ld le li ll lo lu ly ma me mi mm mo mp na nc nd ne ng ni nn no ns nt oc od of og ol om on oo op or ' +
    'os ot ou ov ow pa pe ph pi pl po pp pr pt qu ra rd re ri rk rm rn ro rr rs rt ru ry sa sc se sh si so sp ss st su sy ' +
    'ta te th ti to tr tt tu ty ub uc ue ul um un up ur us ut va ve vi wa we wi wo ' +
    'bs cs db ds eb gh gn gu hu ib js ks kn ls lt my nf nk nu nv ob ok ps py rc rg rl rv sl sm sw tp ts ug ui ux wn ws xt ye'
  ).split(' '),
)
/** Names have 0.2 of uncommon pairs, give or take 0.1, random base64 0.8 and random hexadecimal more. */
const UNCOMMON_SHARE = 0.55
/** Of runs with small letters, capitals and digits, as base64 has them and names seldom. */
const UNCOMMON_SHARE_MIXED = 0.42
const LEAST_PAIRS = 12

/** Whether a run of at least 24 letters, digits and separators is more likely a key than a name. */
export function looksRandom(run: string): boolean {
  if (/^[\da-f-]{24,}$/i.test(run) && /\d/.test(run) && /[a-f]/i.test(run)) return true
  const lower = run.toLowerCase()
  let pairs = 0
  let uncommon = 0
  for (let index = 1; index < lower.length; index++) {
    const kinds = kindOf(lower.charCodeAt(index - 1)) + kindOf(lower.charCodeAt(index))
    // Two digits say nothing, and neither does what stands on either side of a separator.
    if (kinds === LETTERS && !COMMON_PAIRS.has(lower.slice(index - 1, index + 1))) uncommon++
    if (kinds === LETTER_AND_DIGIT) uncommon++
    if (kinds === LETTERS || kinds === LETTER_AND_DIGIT) pairs++
  }
  const mixed = /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run)
  return pairs >= LEAST_PAIRS && uncommon / pairs >= (mixed ? UNCOMMON_SHARE_MIXED : UNCOMMON_SHARE)
}

const LETTERS = 2
const LETTER_AND_DIGIT = 11

function kindOf(code: number): 1 | 10 | 100 {
  if (code >= 97 && code <= 122) return 1
  return code >= 48 && code <= 57 ? 10 : 100
}
