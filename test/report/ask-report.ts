import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderHtml } from '../../src/report/html/render.ts'
import type { Report } from '../../src/report/model.ts'
import type { Browser } from './chromium.ts'

/** Opens a report, asks it the questions in turn, and tells what the browser complained about. */
export async function askReport(
  browser: Browser,
  folder: string,
  report: Report,
  questions: Record<string, string>,
  width = 1280,
): Promise<Record<string, unknown>> {
  const file = join(folder, 'report.html')
  writeFileSync(file, renderHtml(report))
  const page = await browser.open(file, { width })
  // What follows a resize is drawn in the next frame.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  const answers: Record<string, unknown> = {}
  for (const [name, question] of Object.entries(questions)) answers[name] = await page.evaluate(question)
  await page.close()
  return { ...answers, complaints: page.complaints }
}
