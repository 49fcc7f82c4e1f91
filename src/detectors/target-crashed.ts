import { formatMs } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'

/** Signals by which somebody asks a process to end, with the codes by which a shell or npm passes them on. */
const ASKED: Record<string, string> = {
  SIGINT: 'SIGINT',
  SIGTERM: 'SIGTERM',
  SIGHUP: 'SIGHUP',
  130: 'SIGINT',
  143: 'SIGTERM',
  129: 'SIGHUP',
}

const ADVICE: Record<string, string> = {
  SIGKILL:
    'Nobody but the kernel or an operator sends SIGKILL: look for the out-of-memory killer in dmesg, or the memory limit of the container.',
  SIGABRT:
    'Node aborts when its heap is full: read the last lines of stderr, compare the heap with --max-old-space-size.',
  SIGSEGV: 'Native code crashed: suspect addons first.',
}
const NAMES: Record<string, string> = { 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV' }
const OTHERWISE =
  'Read the last lines of its stderr: an exception that nobody caught, or a rejection that nobody handled, ends Node with code 1.'

export const targetCrashed = defineDetector({
  meta: {
    id: 'target-crashed',
    title: 'The target crashed',
    category: 'recording',
    requires: ['quality'],
    optional: ['http'],
    unpaired: 'judges the recording: any fixture shows it when it is killed while holdup records',
    thresholds: {
      exitCode: {
        default: 1,
        unit: '',
        description: 'exit code, or any signal, when holdup had not ended the target: critical',
        source: 'POSIX: 0 is success',
      },
    },
  },

  detect({ signals: { quality, http }, limits }) {
    const { exit, endedByItself, recordedSeconds } = quality
    if (!exit || !endedByItself || (exit.signal === null && (exit.code ?? 0) < limits.exitCode)) return []
    const how = exit.signal ?? String(exit.code)
    const asked = ASKED[how]
    const after = `after ${formatMs(recordedSeconds * 1000)}`
    const cause = exit.signal === null ? `with code ${how} (limit ${limits.exitCode})` : `by ${how} (limit: none)`
    const ended = exit.signal === null ? `ended with code ${how}` : `ended by ${how}`
    const evidence: Evidence[] = [
      { name: 'recorded before', value: recordedSeconds, unit: 's', fidelity: 'exact', note: ended },
    ]
    if (exit.code !== null) {
      evidence.push({ name: 'exit code', value: exit.code, unit: '', limit: limits.exitCode, fidelity: 'exact' })
    }
    return [
      {
        severity: asked ? 'warning' : 'critical',
        summary: asked
          ? `The target was ended by ${asked} ${after}, which holdup did not send: figures cover the time before it.`
          : `The target crashed ${after}, ${cause}: figures cover the time before it.`,
        // Requests in flight when it goes are lost.
        cost: { threadsHeldUp: http?.inFlightMean ?? null, gain: null, unit: 'requests' },
        evidence,
        where: [],
        advice: asked
          ? 'Somebody else stops it: a supervisor, a health check, a test.'
          : (ADVICE[NAMES[how] ?? how] ?? OTHERWISE),
      },
    ]
  },
})
