/** Native programs attached to as root, with the kernel's own record of them. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readRecording } from '../../src/recording/read.ts'
import type { Recording } from '../../src/recording/read.ts'
import type { Report } from '../../src/report/model.ts'
import { Tracefs, whyNoTracefs } from '../../src/probes/tracefs/tracefs.ts'
import { attach } from './attach.ts'
import { truthInWindow } from './fixture.ts'
import { type NativeTruth, startNative } from './native-fixture.ts'

/** Whether this machine permits it: root, and a kernel that traces. */
export const canTrace = whyNoTracefs() === null && opens()

interface Traced {
  report: Report
  recording: Recording
  /** Growth of the program's own figure over the report's window. */
  truth: (field: string) => number
  /** CPU of the probe, as cores. */
  cores: number
  /** Of the truth, that the report is above it. */
  lockWaitError: number
}

/** Starts a program and attaches to it for `seconds`. */
export async function traceNative(program: string, env: NodeJS.ProcessEnv = {}, seconds = 4): Promise<Traced> {
  const target = await startNative(program, env)
  const run = await attach(target.pid, '-d', `${seconds}s`, '--json')
  if (run.code !== 0) throw new Error(`attach ended with ${run.code}: ${run.stderr}`)
  const { lines } = await target.finish()
  const report = run.report()
  const recording = await readRecording(join(run.out, 'recording.ndjson.gz'))
  const truth = (field: string) =>
    truthInWindow({ report, recording, truth: lines as (NativeTruth & { t_ns: number })[] }, field)
  const probe = report.recording.probes.find(({ id }) => id === 'tracefs')
  return {
    report,
    recording,
    truth,
    cores: (probe?.cost.cpuSeconds ?? Number.NaN) / report.recording.seconds,
    lockWaitError: (report.signals.lockWait?.seconds ?? Number.NaN) / (truth('lock_wait_ns_total') / 1e9) - 1,
  }
}

/** Holdup's own instances in the kernel now. */
export function instances(): string[] {
  const tracefs = Tracefs.open()
  try {
    return readdirSync(join(tracefs.path, 'instances')).filter((name) => name.startsWith('holdup-'))
  } finally {
    tracefs.close()
  }
}

function opens(): boolean {
  try {
    Tracefs.open().close()
    return true
  } catch {
    return false
  }
}
