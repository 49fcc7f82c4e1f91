const OPEN = '(<[{'
const CLOSE = ')>]}'

/**
 * `ns::search<int>` of `bool ns::search<int>(std::string const&) const`: a stack has no room for parameters, and the type
 * that a template's name begins with tells nothing of where it is.
 */
export function withoutSignature(name: string): string {
  const bare = withoutTrailer(name)
  const open = bare.endsWith(')') ? opening(bare) : -1
  // `operator()` alone, and `(anonymous namespace)`.
  const head = open > 0 && !bare.slice(0, open).endsWith('operator') ? bare.slice(0, open) : bare
  return head.slice(lastOuterSpace(head) + 1) || name
}

/** Without what may follow the parameters. */
function withoutTrailer(name: string): string {
  return name.replace(/( const| volatile|&|&&| \[clone [^\]]*\])+$/, '')
}

/** Where the bracket opens that the last character closes; -1 where they do not pair. */
function opening(text: string): number {
  let depth = 0
  for (let i = text.length - 1; i >= 0; i--) {
    if (isArrow(text, i)) continue
    if (CLOSE.includes(text[i] ?? ' ')) depth++
    else if (OPEN.includes(text[i] ?? ' ') && --depth === 0) return i
  }
  return -1
}

/** The last space outside all brackets that ends a type: not one of `operator new`, nor of what Rust puts in front. */
function lastOuterSpace(text: string): number {
  let depth = 0
  for (let i = text.length - 1; i >= 0; i--) {
    const character = text[i] ?? ''
    if (isArrow(text, i)) continue
    if (CLOSE.includes(character)) depth++
    else if (OPEN.includes(character)) depth--
    else if (character === ' ' && depth === 0 && !/\boperator$/.test(text.slice(0, i))) return i
  }
  return -1
}

function isArrow(text: string, i: number): boolean {
  return text[i] === '>' && text[i - 1] === '-'
}
