import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeProcessStat } from './clinic-process-stat.ts'
import type { ClinicSamples } from './clinic-samples.ts'
import { VERSION } from './version.ts'

const US_PER_MS = 1000

/**
 * Writes `<pid>.clinic-doctor` into a folder: what `clinic doctor --collect-only` leaves there.
 * @returns the paths that were written.
 */
export function writeClinicFolder(
  folder: string,
  { pid, nodeVersion, stats, pauses }: ClinicSamples,
  startedAt: number,
): string[] {
  const name = `${pid}.clinic-doctor`
  mkdirSync(join(folder, name), { recursive: true })
  // Events by a clock that is 0 when the recording begins.
  const clock = { hrtime: [0, 0], unixtime: startedAt }
  const files: [string, string | Buffer][] = [
    ['systeminfo', JSON.stringify({ clock, nodeVersions: { node: nodeVersion }, toolVersion: `holdup ${VERSION}` })],
    ['processstat', Buffer.concat(stats.map(encodeProcessStat))],
    ['traceevent', traceEvents(pid, pauses)],
  ]
  return files.map(([part, content]) => {
    const path = join(folder, name, `${name}-${part}`)
    writeFileSync(path, content)
    return path
  })
}

/** Its reader knows the fields in this order only, `args` last, and fails where there is no event at all. */
function traceEvents(pid: number, pauses: ClinicSamples['pauses']): string {
  const event = (cat: string, name: string, from: number, dur: number) => ({
    pid,
    tid: pid,
    ts: Math.round(from * US_PER_MS),
    tts: Math.round(from * US_PER_MS),
    ph: 'X',
    cat,
    name,
    dur: Math.round(dur * US_PER_MS),
    tdur: Math.round(dur * US_PER_MS),
    args: {},
  })
  const events = [
    event('holdup', 'recording', 0, 0),
    ...pauses.toSorted((a, b) => a.from - b.from).map(({ name, from, to }) => event('v8', name, from, to - from)),
  ]
  return `{"traceEvents":[${events.map((one) => JSON.stringify(one)).join(',')}]}`
}
