/** The report as one HTML file that needs no network and lets nothing in it run but its own app. */
import { createHash } from 'node:crypto'
import { plainText } from '../plain-text.ts'
import type { Report } from '../model.ts'
import { type AppName, readApp } from './app-files.ts'

/** The report as a self-contained page; the app is bundled at build time. Throws when the build has not been run. */
export function renderHtml(report: Report): string {
  return renderPage(report, {
    app: 'app',
    title: `holdup: ${report.target.command}`,
    summary: `${report.summary}\nreport.md beside this file reads without scripts.`,
  })
}

/** A page whose app shows `data`; each line of `summary` is what is read where scripts do not run. */
export function renderPage(
  data: object,
  { app, title, summary }: { app: AppName; title: string; summary: string },
): string {
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
<script>${script}</script>
</body>
</html>
`
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
