/** Beside the findings: what the recording is worth, and what was not checked. */
import type { Report } from '../../model.ts'
import { notChecked, probeLines, recordingQuality } from '../../quality.ts'
import { h } from './dom.ts'

/** Entries shown before the rest folds away. */
const SHOWN = 5

/** The column beside the findings. */
export function asideView(report: Report): HTMLElement {
  return h('aside', {}, qualityView(report), uncheckedView(report))
}

function qualityView(report: Report): HTMLElement {
  const facts = recordingQuality(report).map(({ text, sound }) => h('li', { class: sound ? 'sound' : 'unsound' }, text))
  const probes = probeLines(report).map(({ id, fidelity, note }) =>
    h('li', {}, h('code', {}, id), h('span', {}, fidelity), note !== null && h('small', {}, note)),
  )
  return h(
    'section',
    {},
    h('h2', {}, 'The recording'),
    h('ul', { class: 'quality' }, facts),
    h('ul', { class: 'probe-list' }, probes),
  )
}

function uncheckedView(report: Report): HTMLElement | null {
  const unchecked = notChecked(report)
  if (unchecked.length === 0) return null
  const item = ({ id, reason }: (typeof unchecked)[number]) => h('li', {}, h('code', {}, id), h('small', {}, reason))
  const rest = unchecked.slice(SHOWN)
  return h(
    'section',
    { class: 'unchecked' },
    h('h2', {}, 'Not checked'),
    h('ul', {}, unchecked.slice(0, SHOWN).map(item)),
    rest.length > 0 && h('details', {}, h('summary', {}, `${rest.length} more`), h('ul', {}, rest.map(item))),
    h('p', { class: 'quiet' }, h('code', {}, 'holdup doctor'), h('small', {}, 'says what this machine permits')),
  )
}
