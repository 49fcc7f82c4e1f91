import { formatQuantity } from '../quantity.ts'
import type { ProfilePage } from '../profile.ts'
import { renderPage } from './render.ts'

/** The flamegraphs of a profile file as a self-contained page. Throws when the build has not been run. */
export function renderProfileHtml(page: ProfilePage): string {
  const totals = page.flames.map(({ name, unit, root }) => `${name}: ${formatQuantity(root[2], unit)}`)
  return renderPage(page, {
    app: 'profile',
    title: `holdup: ${page.file}`,
    summary: `${page.file}\n${totals.join(', ')}. The flamegraph needs scripts.`,
  })
}
