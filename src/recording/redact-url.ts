/** What stands where a secret was. */
export const MARK = '***'

/** `url` without userinfo and without the values of its query, and of its fragment where that reads like a query. */
export function redactUrl(url: string): string {
  const scheme = /^(?:[a-z][a-z\d+.-]*:)?\/\//i.exec(url)?.[0] ?? ''
  const rest = scheme === '' ? url : withoutUserinfo(url.slice(scheme.length))
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(rest) ?? []
  const hash = fragment.includes('=') ? `#${withoutValues(fragment.slice(1))}` : fragment
  return scheme + path + (query && `?${withoutValues(query.slice(1))}`) + hash
}

/** A stack frame, or any `text (location:line:column)`, whose location may be a URL with a query. */
export function redactFrame(text: string): string {
  if (!/[?#]|:\/\/|data:/.test(text)) return text
  const open = text.endsWith(')') ? text.lastIndexOf(' (') + 2 : 0
  const start = open >= 2 ? open : 0
  const end = start > 0 ? text.length - 1 : text.length
  const location = text.slice(start, end)
  const position = /(?::\d+){1,2}$/.exec(location)?.[0] ?? ''
  const place = location.slice(0, location.length - position.length)
  // A data: URL is the program's text itself.
  const redacted = place.startsWith('data:') ? `${/^data:[\w/+.-]{0,40}/.exec(place)?.[0] ?? ''},…` : redactUrl(place)
  return text.slice(0, start) + redacted + position + text.slice(end)
}

function withoutUserinfo(rest: string): string {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? ''
  let at = authority.lastIndexOf('@')
  // `user:pa/ss@host`: what looks like a port is no number, so a password with a bare slash goes on behind it.
  if (at < 0 && !authority.startsWith('[') && /:(?!\d*$)/.test(authority)) at = rest.lastIndexOf('@')
  return at < 0 ? rest : `${MARK}@${rest.slice(at + 1)}`
}

function withoutValues(query: string): string {
  return query.replace(/[^&;]+/g, (pair) => {
    const equals = pair.indexOf('=')
    if (equals < 0 || equals > 60) return MARK
    return equals === pair.length - 1 ? pair : `${pair.slice(0, equals + 1)}${MARK}`
  })
}
