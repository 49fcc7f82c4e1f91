import type { MeasuredSignals } from '../../../src/analysis/signals.ts'
import { analyse } from '../../../src/analysis/analyse.ts'
import { indexRecords, type Source } from '../../../src/analysis/index-records.ts'
import { readRecording } from '../../../src/recording/read.ts'
import { grown, readTruth, type TruthLine } from './truth-lines.ts'

/** What holdup recorded of a program, and what that measured itself. */
export interface Recorded {
  signals: MeasuredSignals
  source: Source
  lines: TruthLine[]
  /** What a count of the program's grew by in the recording's window. */
  truth: (field: string) => number
}

/** Reads both back. */
export async function readRecorded(folder: string, truthFile: string): Promise<Recorded> {
  const recording = await readRecording(folder)
  const { window, signals } = analyse(recording)
  const { monotonicMs } = recording.header
  const lines = readTruth(truthFile)
  return {
    signals,
    source: indexRecords(recording, window),
    lines,
    truth: (field) => grown(lines, field, monotonicMs + window[0], monotonicMs + window[1]),
  }
}
