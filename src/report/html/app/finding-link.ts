import type { RankedFinding } from '../../ranked-findings.ts'
import { h } from './dom.ts'

type Named = Pick<RankedFinding, 'handle' | 'severity' | 'title'>

/** A finding's handle, which opens it. */
export function findingLink({ handle, severity, title }: Named): HTMLElement {
  const link = h('a', { href: `#${handle}`, class: `finding-link ${severity}`, title }, handle)
  link.addEventListener('click', () => document.getElementById(handle)?.setAttribute('open', ''))
  return link
}
