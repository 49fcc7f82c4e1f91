import type { Milliseconds } from '../../units.ts'

/**
 * Waits that are shorter are left out: what each event costs its thread, which walks its stack for it, stays far below the wait itself,
 * and a thread writes a thousand a second at most.
 */
export const THRESHOLD_MS: Milliseconds = 1
/** Up to five threads that run Java code each time: enough to see where a lock is held, and where time goes. */
export const SAMPLE_EVERY_MS: Milliseconds = 20

/** The settings of holdup's recordings: what the JVM alone knows, and nothing that costs by the allocation or the call. */
export function jfrSettings(): string {
  const wait = `${setting('stackTrace', 'true')}${setting('threshold', `${THRESHOLD_MS} ms`)}`
  return `<?xml version="1.0" encoding="UTF-8"?>
<configuration version="2.0" label="holdup" description="Waits, threads and pauses" provider="holdup">
${event('jdk.JavaMonitorEnter', wait)}
${event('jdk.JavaMonitorWait', wait)}
${event('jdk.ThreadPark', wait)}
${event('jdk.ThreadStart', setting('stackTrace', 'true'))}
${event('jdk.ThreadEnd', '')}
${event('jdk.GCPhasePause', setting('threshold', '0 ms'))}
${event('jdk.ExecutionSample', setting('period', `${SAMPLE_EVERY_MS} ms`))}
${event('jdk.DataLoss', '')}
</configuration>
`
}

function event(name: string, settings: string): string {
  return `<event name="${name}">${setting('enabled', 'true')}${settings}</event>`
}

function setting(name: string, value: string): string {
  return `<setting name="${name}">${value}</setting>`
}
