/** The paper a terminal report is written on: its width, its colours, its line breaks. */
import { Chalk, type ChalkInstance } from 'chalk'
import stringWidth from 'string-width'
import { frameText, splitFrame } from '../frame.ts'
import { plainText, shorten } from '../plain-text.ts'

/** Widest page: what reads well, and fits a pasted issue. */
const WIDEST = 80
const NARROWEST = 60

/** Spaces at which a line may break: not between a number and its unit. */
const BREAKS = / (?!(?:ms|s|s\/s|%|±|[GMk]?B|cores?)(?!\p{L}))(?<!± )/u

/** Width in columns and the colours to use. */
export interface Page {
  columns: number
  ink: ChalkInstance
}

/** A page for a terminal that many `columns` wide. */
export function createPage(options: { colour: boolean; columns: number }): Page {
  const columns = Number.isFinite(options.columns) ? Math.trunc(options.columns) : WIDEST
  return {
    columns: Math.min(WIDEST, Math.max(NARROWEST, columns)),
    ink: new Chalk({ level: options.colour ? 1 : 0 }),
  }
}

/** Target text within so many columns, shortened in the middle; wide characters count as two. */
export function fit(text: string, columns: number): string {
  const clean = plainText(text)
  let fitted = shorten(clean, columns)
  for (let limit = columns - 1; stringWidth(fitted) > columns && limit >= 3; limit--) fitted = shorten(clean, limit)
  return fitted
}

/** A frame within so many columns: the function whole, of its place the end, which tells more than the root. */
export function fitFrame(frame: string, columns: number): string {
  const whole = plainText(frameText(frame))
  const { name, place } = splitFrame(whole)
  const room = columns - stringWidth(name) - 3
  if (place === '' || stringWidth(whole) <= columns || room < 12) return fit(whole, columns)
  // Half of the room always holds it, however wide its characters.
  const tail = (length: number): string => Array.from(place).slice(-length).join('')
  const end = stringWidth(tail(room - 1)) < room ? tail(room - 1) : tail(Math.floor(room / 2) - 1)
  return `${name} (…${end.replace(/^[^/]+(?=\/)/, '')})`
}

/** Prose in lines of at most `columns`, broken at spaces. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of plainText(text, 1000).split(BREAKS)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (stringWidth(longer) <= columns) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = fit(word, columns)
  }
  return line === '' ? lines : [...lines, line]
}

/** `text` and then `right` at the page's right edge. */
export function spread(page: Page, left: string, right: string): string {
  if (right === '') return left
  const gap = page.columns - stringWidth(left) - stringWidth(right)
  return `${left}${' '.repeat(Math.max(2, gap))}${right}`
}

/** A label and its text beside it, wrapped under itself. */
export function entry(page: Page, label: string, text: string, options: { indent: number; label: number }): string[] {
  const margin = options.indent + options.label
  const hang = ' '.repeat(margin)
  return wrap(text, page.columns - margin).map((line, index) =>
    index === 0 ? `${' '.repeat(options.indent)}${page.ink.dim(label.padEnd(options.label))}${line}` : `${hang}${line}`,
  )
}
