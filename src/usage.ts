/** What a verb is given besides options, as an example. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  run: '-- node server.js',
  scale: '-- node server.js',
  attach: '--port 8080',
  top: '--port 8080',
  report: 'reports/server',
  export: 'reports/server --to folded',
  compare: 'reports/before reports/after',
}

/** They stand in place of these. */
const SELECTORS: ReadonlySet<string> = new Set(['--port', '--name'])

/** The verb with that option, as it could be given. */
export function usage(option: string, value: string, verb = 'run'): string {
  const rest = SELECTORS.has(option) ? '' : (ARGUMENTS[verb] ?? '')
  return `holdup ${verb} ${option} ${value} ${rest}`.trimEnd()
}
