/** Where the numbers come from: the probes, and the files beside the report. */
import { formatNumber, formatRatio } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { count } from '../../quantity.ts'
import { probeLines } from '../../quality.ts'
import { h, section, table } from './dom.ts'
import { stackView } from './stack.ts'

/** The last section. */
export function recordingView(report: Report): HTMLElement {
  const dropped = new Map(report.recording.probes.map((probe) => [probe.id, probe.dropped]))
  const probes = probeLines(report).map(({ id, fidelity, signals, cores, note }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, h('code', {}, id), note !== null && h('small', {}, note)),
      h('td', {}, fidelity),
      h('td', { class: 'quiet' }, signals.join(', ')),
      h('td', { class: 'number' }, `${formatRatio(cores)} of a core`),
      h('td', { class: 'number' }, formatNumber(dropped.get(id) ?? 0)),
    ),
  )
  return section(
    'recording',
    'Recording',
    table(['Probe', 'Fidelity', 'Signals', 'Cost', 'Dropped'], probes, { class: 'probes' }),
    creatorsView(report),
    filesView(report),
  )
}

function creatorsView({ workerCreators }: Report): HTMLElement | null {
  const all = workerCreators.reduce((sum, { count }) => sum + count, 0)
  if (all === 0) return null
  const stacks = workerCreators.map(({ stack, count }) =>
    stackView(stack, { label: `${formatNumber(count)} workers created here`, share: count / all, open: false }),
  )
  return h('div', {}, h('h3', {}, 'Where workers were created'), stacks)
}

function filesView({ recording, stacks }: Report): HTMLElement {
  const files = [{ name: 'the recording', file: recording.file }, ...stacks]
  const items = files.map(({ name, file }) => h('li', {}, h('code', {}, file), h('small', {}, name)))
  return h(
    'details',
    { class: 'files' },
    h('summary', {}, `${count(files.length, 'file')} beside this report`),
    h('ul', {}, items),
  )
}
