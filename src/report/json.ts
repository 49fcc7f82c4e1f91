import type { Report } from './model.ts'

/** For people and their tools to read: indented, but for the flamegraphs, whose depth would be most of the file in blanks. */
export function renderJson({ flames, ...rest }: Report): string {
  const lines = flames.map((flame) => `\n    ${JSON.stringify(flame)}`)
  const text = JSON.stringify(rest, null, 2)
  return `${text.slice(0, text.lastIndexOf('\n'))},\n  "flames": [${lines.join(',')}${lines.length > 0 ? '\n  ' : ''}]\n}\n`
}
