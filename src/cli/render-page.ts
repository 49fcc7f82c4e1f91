import { Chalk } from 'chalk'

/** A Markdown page as a terminal shows it: headings and code set off, the rest as it is written. */
export function renderPage(markdown: string, { colour }: { colour: boolean }): string {
  const chalk = new Chalk({ level: colour ? 1 : 0 })
  let code = false
  const lines = markdown
    .replaceAll(/<!--.*?-->\n?/gs, '')
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('```')) {
        code = !code
        return []
      }
      if (code) return [chalk.cyan(`    ${line}`)]
      if (line.startsWith('#')) return [chalk.bold(line.replace(/^#+ /, ''))]
      return [line.replaceAll(/`([^`]+)`/g, (_, word: string) => chalk.cyan(word)).replaceAll(/\*\*([^*]+)\*\*/g, '$1')]
    })
  return `${lines.join('\n').trim()}\n`
}
