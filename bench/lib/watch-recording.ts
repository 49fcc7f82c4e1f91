import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '../../src/load/messages.ts'
import type { Milliseconds } from '../../src/units.ts'

const LOOK_EVERY_MS = 5
/** What the agent says first. */
const FIRST = /"k":"(node|loop)"/

/** When the growing recording first held something that the agent said, on CLOCK_MONOTONIC; null when it never did. */
export async function watchRecording(file: string, isOver: () => boolean): Promise<Milliseconds | null> {
  while (!isOver()) {
    if (FIRST.test(read(file))) return monotonicMs()
    await sleep(LOOK_EVERY_MS)
  }
  return null
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
