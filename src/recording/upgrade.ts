import { columnsOf } from './sweep.ts'

/** Turns what one version of the format wrote into what the next one would have written. */
export interface Upgrader {
  header(header: Record<string, unknown>): Record<string, unknown>
  /** Not checked yet: of any shape. An empty list leaves the record out. */
  record(record: Record<string, unknown>): Record<string, unknown>[]
}

/** `UPGRADERS[n]` leads from version n + 1 to n + 2. */
export const UPGRADERS: readonly Upgrader[] = [
  {
    header: (header) => header,
    // Version 1 had a sweep's threads in rows.
    record: ({ rows, ...record }) =>
      record['k'] === 'threads' && Array.isArray(rows) && rows.every(Array.isArray)
        ? [
            {
              ...record,
              ...columnsOf(
                rows.map(([tid, cpuMs, queuedMs, state, wait]) => [
                  tid,
                  cpuMs,
                  queuedMs,
                  typeof state === 'string' ? (state[0] ?? '?') : '?',
                  wait,
                ]),
              ),
            },
          ]
        : [rows === undefined ? record : { ...record, rows }],
  },
]

/** All steps from `version` to the newest as one. */
export function upgradeFrom(version: number, upgraders: readonly Upgrader[] = UPGRADERS): Upgrader {
  const steps = upgraders.slice(version - 1)
  return {
    header: (header) => ({
      ...steps.reduce((upgraded, step) => step.header(upgraded), header),
      version: upgraders.length + 1,
    }),
    record: (record) => steps.reduce((records, step) => records.flatMap((one) => step.record(one)), [record]),
  }
}
