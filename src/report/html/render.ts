/** The report as one HTML file that needs no network and lets nothing in it run but its own app. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { packageFile } from '../../package-file.ts'
import { plainText } from '../plain-text.ts'
import type { Report } from '../model.ts'
import { type AppName, readApp } from './app-files.ts'

/** The report as a self-contained page; the app is bundled at build time. Throws when the build has not been run. */
export function renderHtml(report: Report): string {
  return renderPage(report, {
    app: 'app',
    title: `holdup: ${report.target.command}`,
    summary: `${report.summary}\nreport.md beside this file reads without scripts.`,
    pages: pagesOf(report),
  })
}

interface PageFacts {
  app: AppName
  title: string
  /** Each line of it is what is read where scripts do not run. */
  summary: string
  /** Markdown that the app shows, by name. */
  pages?: Record<string, string>
}

/** A page whose app shows `data`. */
export function renderPage(data: object, { app, title, summary, pages = {} }: PageFacts): string {
  const { script, style } = readApp(app)
  const policy = [
    "default-src 'none'",
    `script-src '${sha256(script)}'`,
    `style-src '${sha256(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(plainText(title, 80))}</title>
<style>${style}</style>
</head>
<body>
<noscript>${summary
    .split('\n')
    .map((line) => `<p>${escapeHtml(plainText(line, 1000))}</p>`)
    .join('')}</noscript>
<div id="app"></div>
<script type="application/json" id="report">${embedJson(data)}</script>
<script type="application/json" id="pages">${embedJson(pages)}</script>
<script>${script}</script>
</body>
</html>
`
}

/** The pages of the patterns that were found; a foreign report may name one that is none of ours. */
function pagesOf({ results }: Report): Record<string, string> {
  const found = results.filter(({ id, findings }) => findings.length > 0 && /^[a-z-]+$/.test(id))
  const pages = found.map(({ id }) => [id, packageFile(`docs/detectors/${id}.md`)] as const)
  return Object.fromEntries(pages.flatMap(([id, path]) => (existsSync(path) ? [[id, readFileSync(path, 'utf8')]] : [])))
}

/** The source that a Content-Security-Policy permits by its hash. */
function sha256(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`
}

/** JSON in which no `<` is left that could end the script element or open a comment. */
function embedJson(data: object): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c')
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
