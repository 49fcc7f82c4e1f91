import type { Milliseconds } from '../../units.ts'
import { anyValue, attributeList, type Attributes, nanos } from './encode.ts'
import type { FindingEvent } from './finding-events.ts'

/** Of SeverityNumber. */
const SEVERITY = { critical: 17, warning: 13, info: 9 }

/** Findings that came or went, as an ExportLogsServiceRequest of events; `at` in ms since 1970. */
export function otlpLogs(
  events: readonly FindingEvent[],
  { resource, at, version }: { resource: Attributes; at: Milliseconds; version: string },
): object {
  const logRecords = events.map(({ happened, finding }) => {
    const { id, title, severity, summary, cost, advice } = finding
    return {
      timeUnixNano: nanos(at),
      observedTimeUnixNano: nanos(at),
      severityNumber: happened === 'gone' ? SEVERITY.info : SEVERITY[severity],
      severityText: happened === 'gone' ? 'info' : severity,
      eventName: `holdup.finding.${happened}`,
      body: anyValue(happened === 'gone' ? `Gone: ${title}` : summary),
      attributes: attributeList({
        'holdup.finding.id': id,
        'holdup.finding.title': title,
        'holdup.finding.severity': severity,
        'holdup.finding.threads_held_up': cost.threadsHeldUp,
        'holdup.finding.advice': happened === 'gone' ? null : advice,
      }),
    }
  })
  return {
    resourceLogs: [
      {
        resource: { attributes: attributeList(resource) },
        scopeLogs: [{ scope: { name: 'holdup', version }, logRecords }],
      },
    ],
  }
}
