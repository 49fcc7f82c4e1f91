/** The differential flamegraph: red costs more than before, blue less, by what each function costs itself. */
import { frameText } from '../../report/frame.ts'
import { h, section, table } from '../../report/html/app/dom.ts'
import { flameBrowser } from '../../report/html/app/flame-browser.ts'
import type { Frame } from '../../report/html/app/flame-data.ts'
import { plainText } from '../../report/plain-text.ts'
import { formatNumber } from '../../units.ts'
import type { DiffFlame, DiffTree } from '../flame-diff.ts'

const CHANGED = 12

/** The section, or null where no run has a CPU profile. */
export function diffFlamesView(
  flames: readonly DiffFlame[],
  names: { before: string; after: string },
): HTMLElement | null {
  if (flames.length === 0) return null
  const widths = h(
    'select',
    { 'aria-label': 'Widths' },
    h('option', { value: 'after' }, `as wide as in ${names.after}`),
    h('option', { value: 'before' }, `as wide as in ${names.before}`),
  )
  const { tools, details, place } = flameBrowser(
    flames.map(({ name }) => name),
    (index) => {
      const flame = flames[index]
      if (!flame) return null
      const asBefore = widths.value === 'before' || flame.root[4] === 0
      return { root: toFrames(flame, asBefore), below: changedTable(flame, names) }
    },
    { selects: [widths], invertible: false },
  )
  const per = flames[0]?.per ?? 'request'
  return section(
    'flames',
    'Differential CPU flamegraph',
    tools,
    h('p', {}, `CPU per ${per}: red costs more itself than in ${names.before}, blue less, grey the same.`),
    details,
    place,
  )
}

function toFrames({ frames, root, per }: DiffFlame, asBefore: boolean): Frame {
  const texts = frames.map((frame) => plainText(frameText(frame)))
  const most = Math.max(Number.MIN_VALUE, ...steps(root))
  const walk = ([index, selfBefore, before, selfAfter, after, children]: DiffTree): Frame => {
    const name = texts[index] ?? '?'
    return {
      name,
      total: asBefore ? before : after,
      self: asBefore ? selfBefore : selfAfter,
      children: children.map(walk).filter(({ total }) => total > 0),
      tint: tintOf((selfAfter - selfBefore) / most),
      note: `${name}: ${formatNumber(before)} → ${formatNumber(after)} ms a ${per} (itself ${formatNumber(selfBefore)} → ${formatNumber(selfAfter)})`,
    }
  }
  return walk(root)
}

/** By how much each function's own time changed. */
function steps([, before, , after, , children]: DiffTree): number[] {
  return [Math.abs(after - before), ...children.flatMap(steps)]
}

/** From −1, blue, over grey to 1, red. */
function tintOf(share: number): string {
  if (share === 0) return 'hsl(0 0% 93%)'
  const strength = Math.sqrt(Math.min(1, Math.abs(share)))
  return `hsl(${share > 0 ? 8 : 215} 85% ${Math.round(95 - 40 * strength)}%)`
}

function changedTable({ frames, root }: DiffFlame, { before, after }: { before: string; after: string }): HTMLElement {
  const sums = new Map<number, [number, number]>()
  const walk = ([index, a, , b, , children]: DiffTree): void => {
    const [x, y] = sums.get(index) ?? [0, 0]
    sums.set(index, [x + a, y + b])
    children.forEach(walk)
  }
  walk(root)
  const rows = [...sums]
    .filter(([, [a, b]]) => a !== b)
    .toSorted(([, a], [, b]) => Math.abs(b[1] - b[0]) - Math.abs(a[1] - a[0]))
    .slice(0, CHANGED)
    .map(([index, [a, b]]) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, h('code', {}, frameText(frames[index] ?? '?'))),
        ...[a, b].map((ms) => h('td', { class: 'number' }, `${formatNumber(ms)} ms`)),
        h('td', { class: 'number' }, `${b < a ? '−' : '+'}${formatNumber(Math.abs(b - a))} ms`),
      ),
    )
  return table(['Changed most in itself', before, after, ''], rows, { class: 'hottest' })
}
