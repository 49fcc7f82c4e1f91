/** An audit by hand: one budget held, one broken, one that was not measured, with findings of the mutex pool. */
import { budgetsOf, type Config, configSchema } from '../../src/audit/config.ts'
import { type Audit, judge } from '../../src/audit/judge.ts'
import type { Report } from '../../src/report/model.ts'
import * as v from 'valibot'
import { mutexPool } from '../support/article-reports.ts'

const NAME = 'search'

/** A configuration of one scenario with these budgets. */
function configOf(budgets: readonly string[]): Config {
  return v.parse(configSchema, { scenarios: { [NAME]: { command: 'node server.js', budgets } } })
}

const BUDGETS = ['signals.http.latencyMs.p99 < 10s', 'findings.critical = 0', 'signals.gc.share < 5%']

/** The audit of such a report. */
export function auditOf(report: Report = mutexPool, command = 'node server.js'): Audit {
  const config = configOf(BUDGETS)
  const unmeasured = { ...report, signals: { ...report.signals, gc: null } }
  const budgets = budgetsOf(config, NAME)
  return {
    config: '/srv/app/holdup.config.json',
    lines: new Map([['findings.critical = 0', 12]]),
    scenarios: [
      {
        name: NAME,
        command,
        runs: [unmeasured],
        seconds: 12.3456,
        startedAt: new Date('2026-11-25T10:00:00.500Z'),
        results: judge(budgets, [unmeasured], [], 0.2),
        folder: 'reports/audit-1/search/1',
        notes: ['The baseline is of another machine.'],
      },
    ],
  }
}
