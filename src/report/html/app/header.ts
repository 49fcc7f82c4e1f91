/** What ran, where and when; the verdict; the way to the sections. */
import { formatNumber } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { count } from '../../quantity.ts'
import { isFault, rankedFindings, worstSeverity } from '../../ranked-findings.ts'
import { h } from './dom.ts'
import { firstFiguresView } from './figures.ts'

/** The page's head: target, facts, the sentence that says what costs most, and the first figures. */
export function headerView(report: Report): HTMLElement {
  const { target, host, recording, generated } = report
  const facts = [
    target.runtimeVersion === null ? target.runtime : `${target.runtime} ${target.runtimeVersion}`,
    ...(target.children > 0 ? [count(target.children, 'child process', 'child processes')] : []),
    count(host.cores, 'core'),
    `${host.platform} ${host.kernel}`,
    `${formatNumber(recording.seconds)} s recorded`,
    generated.at.replace('T', ' ').replace(/\..*/, ' UTC'),
  ]
  const worst = worstSeverity(rankedFindings(report.results).filter(isFault)) ?? 'healthy'
  return h(
    'header',
    { class: 'head' },
    h('p', { class: 'brand' }, h('strong', {}, 'holdup'), h('span', {}, generated.holdup)),
    h('p', { class: 'command' }, target.command),
    h(
      'ul',
      { class: 'facts' },
      facts.map((fact) => h('li', {}, fact)),
    ),
    h('h1', { class: `verdict ${worst}` }, report.summary),
    firstFiguresView(report),
  )
}

/** Links to the sections, in order. */
export function navigationView(sections: readonly HTMLElement[]): HTMLElement {
  const links = sections.map((view) => {
    const title = view.querySelector('h2')?.textContent ?? view.id
    return h('li', {}, h('a', { href: `#${view.id}` }, title))
  })
  return h(
    'nav',
    { 'aria-label': 'Sections' },
    h('ul', {}, h('li', {}, h('a', { href: '#findings' }, 'Findings')), links),
  )
}
