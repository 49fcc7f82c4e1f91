/** Text of at most `limit` characters: a longer one keeps its beginning and its end around a `…`. */
export function shortenMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text
  const head = Math.ceil((limit - 1) * 0.6)
  const tail = limit - 1 - head
  return `${text.slice(0, head).replace(/[\ud800-\udbff]$/, '')}…${text.slice(text.length - tail).replace(/^[\udc00-\udfff]/, '')}`
}
