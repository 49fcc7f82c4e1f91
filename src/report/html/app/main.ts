/** The HTML report: reads the report that stands in the page and shows it. */
import type { Report } from '../../model.ts'
import { asideView } from './aside.ts'
import { checksView } from './checks.ts'
import { h } from './dom.ts'
import { figuresView } from './figures.ts'
import { findingsView } from './findings.ts'
import { flamesView } from './flames.ts'
import { headerView, navigationView } from './header.ts'
import { locksView } from './locks.ts'
import { openForPrint } from './print.ts'
import { recordingView } from './recording.ts'
import { scaleView } from './scale.ts'
import { threadTimeView } from './thread-time.ts'
import { timelinesView } from './timelines.ts'
import './styles/base.css'
import './styles/layout.css'
import './styles/findings.css'
import './styles/tables.css'
import './styles/charts.css'
import './styles/print.css'

const source = document.getElementById('report')?.textContent ?? ''
// Our own renderer wrote it; `holdup report` is where foreign files are checked.
const report = JSON.parse(source) as Report

const sections = [
  scaleView(report),
  threadTimeView(report),
  timelinesView(report),
  flamesView(report),
  locksView(report),
  figuresView(report),
  checksView(report),
  recordingView(report),
].filter((view) => view !== null)

document
  .getElementById('app')
  ?.append(
    headerView(report),
    navigationView(sections),
    h('main', {}, h('div', { class: 'first' }, findingsView(report), asideView(report)), sections),
  )
openForPrint()
