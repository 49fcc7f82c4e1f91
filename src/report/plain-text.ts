/** The one gate for text that came from a target: names, argv, URLs, stacks. Shared by every view, the browser's too. */

// Starters are kept out of the bodies, so that a hostile text of nothing but starters is still read in linear time.
const ESCAPE_SEQUENCES =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0080-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g
const SPACE = /[\s\p{Zl}\p{Zp}]+/gu
/** Control codes, invisible and direction-changing format characters, lone surrogates. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Cs}]/gu
/** Marks that pile up over a letter and run into the lines around it. */
const PILED_MARKS = /(\p{M}{3})\p{M}+/gu

/** Longest text that a view shows of one name, in characters. */
const TEXT_LIMIT = 300

/**
 * Text that is safe to show on one line: without terminal escapes, control codes, line breaks and bidirectional
 * overrides; shortened in the middle beyond `limit` characters. It is not escaped for Markdown or HTML.
 */
export function plainText(text: string, limit: number = TEXT_LIMIT): string {
  const clean = text
    .replace(ESCAPE_SEQUENCES, '')
    .replace(SPACE, ' ')
    .replace(CONTROLS, '')
    .replace(PILED_MARKS, '$1')
    .trim()
  return shorten(clean, limit)
}

/** `a long name` as `a l…me`: at most `limit` (≥ 3) characters, both ends kept. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text
  const characters = Array.from(text)
  if (characters.length <= limit) return text
  const head = Math.ceil((limit - 1) / 2)
  return `${characters.slice(0, head).join('')}…${characters.slice(head + 1 - limit).join('')}`
}
