/** The page of a profile file: its flamegraphs alone. */
import type { ProfilePage } from '../../profile.ts'
import { h } from './dom.ts'
import { flamesView } from './flames.ts'
import './styles/base.css'
import './styles/layout.css'
import './styles/tables.css'
import './styles/charts.css'
import './styles/print.css'

// Our own renderer wrote it.
const page = JSON.parse(document.getElementById('report')?.textContent ?? '') as ProfilePage

document
  .getElementById('app')
  ?.append(
    h(
      'header',
      { class: 'head' },
      h('p', { class: 'brand' }, h('strong', {}, 'holdup'), h('span', {}, page.generated.holdup)),
      h('p', { class: 'command' }, page.file),
    ),
    h('main', {}, flamesView(page)),
  )
